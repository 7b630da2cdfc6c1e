"""Uploaded rosters: kept between the steps of an import in the browser, then erased."""

from seatadmin.uploads import ImportMapping, Upload, UploadPart

__all__ = ["ImportMapping", "Upload", "UploadPart"]
