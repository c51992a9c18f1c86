"""What file servers and desktops put into any directory: it is nobody's, never read and never in the way."""

import re

_FOREIGN = re.compile(
    r"@eaDir|@Recycle|@Recently-Snapshot|\.@__thumb|#recycle|#snapshot|\.snapshots?|~snapshot|\.zfs|lost\+found"
    r"|\.AppleD(?:ouble|B|esktop)|\.DS_Store|\._.*|\.Spotlight-V100|\.fseventsd|\.TemporaryItems|\.Trash.*"
    r"|Network Trash Folder|Thumbs\.db|desktop\.ini|System Volume Information|\$RECYCLE\.BIN"
    r"|\.nfs[0-9a-f]+|\.smb[0-9a-f]+|\.fuse_hidden.*",
    re.IGNORECASE,
)


def is_foreign(name: str) -> bool:
    """Tell whether a name is one that a file server or a desktop gives: thumbnails, snapshots, indexes, bins."""
    return _FOREIGN.fullmatch(name) is not None
