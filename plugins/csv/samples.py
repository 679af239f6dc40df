"""One record of each operation, shown before there is a file."""

from engine.sdk import Complete

ROW = {
    "key": "2",
    "line": 2,
    "first_name": "Ada",
    "last_name": "Byron",
    "email": "ada@mail.example",
    "phone": "+12125550100",
}

WRITTEN = Complete(file="unsubscribes.csv", columns={"email": "ada@mail.example"})
