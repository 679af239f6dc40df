"""Names, places and matters of an invented law firm; all people, numbers and addresses are fictional.

Telephone numbers use exchange 555-01xx, and London's 020 7946 0xxx, which their regulators keep
free for fiction, yet which are well formed. Mail domains end in ``.example``.
"""

FIRM = "Harbor Law"

#: (first name, last name, e-mail)
USERS = (
    ("Dana", "Whitfield", "dana.whitfield@harborlaw.example"),
    ("Marcus", "Oyelaran", "Marcus.Oyelaran@HarborLaw.example"),
    ("Søren", "Lindqvist", "soren.lindqvist@harborlaw.example"),
    ("Priya", "Raman", "priya.raman@harborlaw.example"),
    ("Inés", "Calderón", "ines.calderon@harborlaw.example"),
    ("J.", "Doe", "j.doe@harborlaw.example"),
)

_FIRST_NAMES = """Aaliyah Abigail Adrian Alice Amara Andre Anika Ayesha Bianca Brandon Caleb Camila Carlos Chloe
    Connor Daniela Darius Deborah Derek Diego Elena Elijah Emeka Esther Farid Fatima Felix Gabriela
    Grace Gregory Hannah Hassan Hector Imani Ingrid Isaac Ivan Jamal Jasmine Joaquin Joy Kavita Keiko
    Kevin Lamar Leila Liam Lucia Malik Maria Mei Miguel Nadia Naomi Nina Noah Olga Omar Paula Quentin
    Rachel Ravi Rosa Samuel Sofia Tariq Teresa Tomas Uma Valerie Victor Wendy Yusuf Zara"""
FIRST_NAMES = tuple(_FIRST_NAMES.split())

_LAST_NAMES = """Abbott Adeyemi Aguilar Banerjee Barnes Becker Bishop Brennan Castillo Chavez Chen Coleman Cooper
    Davenport Delgado Diaz Douglas Edwards Eriksen Farrell Fernandez Fischer Foster Garcia Gibson Gupta
    Hayes Hoffman Hughes Ibrahim Jackson Jensen Kaplan Kelly Khan Kowalski Lawson Lopez Malone Marsh
    Mbeki Mendoza Mitchell Moreno Nakamura Novak Okafor Olsen Ortiz Park Patel Perez Porter Quinn Ramos
    Reyes Rossi Sanchez Santos Schmidt Shah Silva Stone Suzuki Torres Vargas Walsh Weber Yang"""
LAST_NAMES = tuple(_LAST_NAMES.split())

#: Names that break programs which expect plain letters, short names, or a first name first.
FOREIGN_NAMES = (
    ("José", "Ñúñez", "José Ñúñez"),
    ("Łukasz", "Żółć", "Łukasz Żółć"),
    ("小龍", "李", "李小龍"),
    ("Siobhán", "O'Brien", "Siobhán O'Brien"),
    ("Nguyễn Thị", "Ánh", "Nguyễn Thị Ánh"),
    ("Þórdís", "Jónsdóttir", "Þórdís Jónsdóttir"),
    ("Zoë", "D'Angelo", "Zoë D'Angelo"),
    ("Δημήτρης", "Παπαδόπουλος", "Δημήτρης Παπαδόπουλος"),
    ("فاطمة", "الزهراء", "فاطمة الزهراء"),
    ("Øyvind", "Ångström-Næss", "Øyvind Ångström-Næss"),
    (
        "Maximiliana Theodora Alexandrina",
        "von Hohenberg-Wittelsburg zu Schwarzenstein und Lauterbach",
        "Maximiliana Theodora Alexandrina von Hohenberg-Wittelsburg zu Schwarzenstein und Lauterbach",
    ),
    ("Jean-François", "de la Croix, Jr.", "Jean-François de la Croix, Jr."),
)

COMPANIES = (
    "Bluewater Marina LLC",
    "Kestrel & Sons Roofing, Inc.",
    "Café Olé Holdings GmbH",
    "Northgate Tenants' Association",
)

AREA_CODES = ("212", "305", "312", "404", "415", "503", "512", "602", "617", "702", "713", "818")

UK_PHONE = "+44 20 7946 0123"

PHONE_SHAPES = ("({0}) 555-{1}", "{0}-555-{1}", "+1 {0} 555 {1}", "{0}.555.{1}")

MAIL_DOMAINS = ("inbox.example", "post.example", "mail.example")

#: (practice area, its category in Clio, descriptions of matters)
PRACTICE_AREAS = (
    (
        "Personal Injury",
        "personal_injury",
        (
            "Rear-end collision",
            "Slip and fall at a grocery store",
            "Motorcycle accident",
            "Dog bite",
            "Pedestrian struck in crosswalk",
            "Construction site fall",
            "Rideshare collision",
        ),
    ),
    (
        "Family",
        "family",
        ("Divorce", "Custody modification", "Adoption", "Child support", "Prenuptial agreement"),
    ),
    (
        "Immigration",
        "immigration",
        ("Naturalization", "Family petition (I-130)", "H-1B visa", "Asylum", "Green card renewal"),
    ),
    (
        "Estate Planning",
        "wills_and_estates",
        ("Will and living trust", "Probate", "Guardianship", "Power of attorney"),
    ),
)

STAGES = (
    "Intake",
    "Investigation",
    "Treatment",
    "Demand",
    "Negotiation",
    "Litigation",
    "Settlement",
)

#: A stage so rare that nobody thought of it when the other system was set up.
RARE_STAGE = "Awaiting Medicaid"

#: Relationships of people who are clients too, and of those who are not.
CLIENT_RELATIONSHIPS = ("Client", "Co-client", "client")
OTHER_RELATIONSHIPS = (
    "Witness",
    "Opposing counsel",
    "Insurance adjuster",
    "Treating physician",
    "Client's spouse",
)
