"""Views and routes of the baseline `drf`: generic views where they exist, one transaction per ballot."""
# Django comes from the throw-away environment of a run and is not there when the project is type-checked.
# mypy: ignore-errors

import hashlib
import json

from django.db import transaction
from django.http import HttpResponse
from django.urls import path
from rest_framework import serializers, status
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.response import Response
from rest_framework.views import APIView

from tests.benchmarks.baselines.drf_models import Audit, Ballot, ChainHead, Member, Proposal


class TokenAuthentication(BaseAuthentication):
    """The member behind a bearer token."""

    def authenticate(self, request):
        """Look the member up at each request, as the framework's own token authentication does."""
        token = request.META.get("HTTP_AUTHORIZATION", "")[7:]
        member = Member.objects.filter(token=token).first()
        if member is None:
            raise AuthenticationFailed
        return member, token


class BallotSerializer(serializers.ModelSerializer):
    """A ballot as sent and as answered."""

    choice = serializers.ChoiceField(["consent", "object", "abstain", "stand_aside"])

    class Meta:
        model = Ballot
        fields = ("id", "proposal", "member", "choice", "reason", "cast_at")
        read_only_fields = ("proposal", "member")


class ProposalSerializer(serializers.ModelSerializer):
    """A proposal as listed."""

    class Meta:
        model = Proposal
        fields = ("id", "title", "body", "state", "created_at")


class Cast(APIView):
    """Cast or replace a ballot, with its audit row in the same transaction."""

    authentication_classes = (TokenAuthentication,)

    def post(self, request, pid):
        """Lock the head of the chain while the audit row is linked to it."""
        sent = BallotSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        with transaction.atomic():
            ballot, _ = Ballot.objects.update_or_create(
                proposal_id=pid, member=request.user, defaults=sent.validated_data
            )
            head = ChainHead.objects.select_for_update().get(id=1)
            payload = json.dumps({"p": pid, "m": request.user.id, **sent.validated_data})
            before = bytes(head.hash)
            head.seq += 1
            head.hash = hashlib.sha256(before + payload.encode()).digest()
            Audit.objects.create(seq=head.seq, kind="ballot.cast", payload=payload, prev=before, hash=head.hash)
            head.save()
        return Response(BallotSerializer(ballot).data, status=status.HTTP_201_CREATED)


class Detail(RetrieveAPIView):
    """One proposal."""

    authentication_classes = (TokenAuthentication,)
    queryset = Proposal.objects.all()
    serializer_class = ProposalSerializer
    lookup_url_kwarg = "pid"


class Listing(ListAPIView):
    """The newest fifty proposals."""

    authentication_classes = (TokenAuthentication,)
    serializer_class = ProposalSerializer

    def get_queryset(self):
        """Newest first."""
        return Proposal.objects.order_by("-id")[:50]


def healthz(request):
    """Ready."""
    return HttpResponse("ok")


urlpatterns = [
    path("healthz", healthz),
    path("proposals/<int:pid>/ballots", Cast.as_view()),
    path("proposals/<int:pid>", Detail.as_view()),
    path("proposals", Listing.as_view()),
]
