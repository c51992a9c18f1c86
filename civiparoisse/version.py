"""The version of the product: its only home; the package's metadata, `civiparoisse --version` and the image read it."""

VERSION = "0.1.0"
