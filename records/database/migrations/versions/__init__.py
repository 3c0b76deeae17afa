"""The revisions, in the order of their numbers. What has been released is never edited."""
