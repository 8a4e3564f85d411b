"""Reads a backup with another author's reader and compares each file with the original. Prints the number of files."""
import os
import sys
from pathlib import Path

reader, backup, own = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
password = os.environ["LIFEBOAT_BACKUP_PASSWORD"]
originals = {}
for path in own.rglob("*"):
    if path.is_file():
        domain, rest = path.relative_to(own).as_posix().split("/", 1)
        originals[domain, rest] = path.read_bytes()

# Neither reader takes an encrypted file of no bytes: there is no padding to remove.
if password:
    originals = {name: data for name, data in originals.items() if data}

if reader == "iphone_backup_decrypt":
    from iphone_backup_decrypt import EncryptedBackup

    opened = EncryptedBackup(backup_directory=str(backup), passphrase=password)

    def read(domain, path):
        return opened.extract_file_as_bytes(relative_path=path, domain_like=domain)
else:
    from pyiosbackup import Backup

    opened = Backup.from_path(str(backup), password)
    entries = {(entry.domain, entry.relative_path): entry for entry in opened.iter_files()}

    def read(domain, path):
        return entries[domain, path].read_bytes()

for (domain, path), wanted in originals.items():
    got = read(domain, path)
    if got != wanted:
        sys.exit(f"{domain} {path}: {len(got or b'')} bytes instead of {len(wanted)}")
print(len(originals))
