"""Fills the volumes of a new instance with the stand-in's data, where UEPAL's init runs drush and cv."""

from standin.files import write_site_files
from standin.init import fill_databases
from standin.parameters import read_parameters

parameters = read_parameters()
fill_databases(parameters, parameters.places.db_dir)
write_site_files(parameters)
