"""The doors to an organisation and its people.

The register's own room lies below sign-in, and everybody who knocks must say who they are: so its doors are here.
"""

from app.people.routes.account import router as account
from app.people.routes.colleges import router as colleges
from app.people.routes.members import router as members
from app.people.routes.page import router as page
from app.people.routes.signing_in import router as signing_in
from app.people.routes.weights import router as weights

routers = (signing_in, page, account, members, weights, colleges)
