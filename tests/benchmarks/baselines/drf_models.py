"""Models of the baseline `drf`, laid over the tables that schema.sql creates."""
# Django comes from the throw-away environment of a run and is not there when the project is type-checked.
# mypy: ignore-errors

from django.db import models


class Member(models.Model):
    """Who may cast, known by a token."""

    token = models.TextField(unique=True)
    name = models.TextField()
    is_authenticated = True

    class Meta:
        app_label, managed, db_table = "bench", False, "members"


class Proposal(models.Model):
    """What is decided."""

    circle_id = models.IntegerField(default=1)
    title = models.TextField()
    body = models.TextField()
    state = models.TextField(default="open")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label, managed, db_table = "bench", False, "proposals"


class Ballot(models.Model):
    """One member's choice on one proposal."""

    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE)
    member = models.ForeignKey(Member, on_delete=models.CASCADE)
    choice = models.TextField()
    reason = models.TextField(default="")
    cast_at = models.DateTimeField(auto_now=True)

    class Meta:
        app_label, managed, db_table = "bench", False, "ballots"
        unique_together = (("proposal", "member"),)


class Audit(models.Model):
    """What happened, each row linked to the one before by its hash."""

    seq = models.BigIntegerField(primary_key=True)
    ts = models.DateTimeField(auto_now_add=True)
    kind = models.TextField()
    payload = models.TextField()
    prev = models.BinaryField()
    hash = models.BinaryField()

    class Meta:
        app_label, managed, db_table = "bench", False, "audit"


class ChainHead(models.Model):
    """The last link."""

    id = models.IntegerField(primary_key=True)
    seq = models.BigIntegerField()
    hash = models.BinaryField()

    class Meta:
        app_label, managed, db_table = "bench", False, "chain_head"
