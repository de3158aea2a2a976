"""What each caller sees of an entry: names for every member, e-mail addresses for their owner and stewards."""

from app.foundation.permissions import Scope
from app.journal.actor import Actor
from app.organisations.policy import Permission, may
from app.organisations.schemas import AnnouncedEmail, MemberView, OrganisationView
from app.organisations.tables import Member, Organisation
from app.people.schemas import CredentialView
from app.people.tables import Credential


def organisation_view(organisation: Organisation) -> OrganisationView:
    """The organisation as every member sees it."""
    return OrganisationView(id=organisation.organisation_id, **organisation.model_dump(exclude={"organisation_id"}))


def member_view(member: Member, actor: Actor) -> MemberView:
    """The entry as ``actor`` sees it."""
    if not may(Permission.READ_EMAIL, actor, member.id):
        return MemberView(**member.model_dump(exclude={"email"}), email=None)
    coming = member.next_email_at
    announced = AnnouncedEmail(email=member.next_email, takes_effect_at=coming) if coming else None
    return MemberView(**member.model_dump(), announced_email=announced)


def credential_view(credential: Credential, actor: Actor) -> CredentialView:
    """The credential, without anything that would open something."""
    return CredentialView(
        id=credential.id,
        label=credential.label,
        scopes=[Scope(one) for one in credential.scopes],
        created_at=credential.created_at,
        expires_at=credential.expires_at,
        last_used_at=credential.last_used_at,
        current=credential.id == actor.credential_id,
    )
