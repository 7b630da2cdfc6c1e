"""The last release, as its workers go on running while the next one's start beside them.

`0.1.0.tar.xz` is what `git archive` gives of that release's app.py, seatadmin, templates and
migrations; whoever makes a release puts its archive here, in the place of this one:

    git archive TAG app.py seatadmin templates migrations | xz -9e > tests/previous/TAG.tar.xz
"""
