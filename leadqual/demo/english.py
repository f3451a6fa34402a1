"""The English market. Every company, person and number is invented."""

from leadqual.demo.tongues import Tongue


def _pairs(text: str) -> list[tuple[str, str]]:
    return [(word.replace("_", " "), "") for word in text.split()]


ENGLISH = Tongue(
    language="en",
    families=_pairs(
        "Abernathy Aldridge Ashworth Barlow Beckett Blythe Bramwell Calloway Carrick Chadwick Coldwell Crane Dalton"
        " Darby Ellison Fairfax Farrow Garrick Gresham Hadley Halloway Harker Hastings Holloway Ingram Jessup Kendrick"
        " Kirby Langley Larkin Lockhart Marlowe Mercer Merrick Norwood Oakley Osgood Pemberton Penrose Pickering"
        " Prescott Radcliffe Ramsey Redmond Rowley Sadler Sheridan Sinclair Stanton Sutcliffe Tarrant Thorne Tilney"
        " Underhill Vaughn Wakefield Wetherby Whitlock Wickham Winslow Wyndham Yardley"
    ),
    givens=_pairs(
        "Aaron Abigail Adam Alice Amelia Andrew Anna Arthur Beatrice Benjamin Caroline Charles Clara Daniel David Diana"
        " Edward Eleanor Elizabeth Emily Emma Eric Ethan Evelyn Felix Fiona Frances George Grace Hannah Harriet Helen"
        " Henry Hugo Isaac Ivy James Jane Jonathan Julia Karen Laura Leonard Louise Lucy Marcus Margaret Martin Nathan"
        " Nora Oliver Paul Peter Rachel Rebecca Robert Ruth Samuel Sarah Simon Sophie Stella Thomas Victor Violet"
    ),
    stems=_pairs(
        "Brackenfell Ostermoor Quillhaven Thistledown Wyrmford Larkspurn Gallowmere Ravenhythe Cindervale Hollowbrook"
        " Moorgrave Silverquay Fernwick Blackwren Oldcastlen Greymantle Stonewether Amberlock Duskwater Foxmarrow"
        " Hazelthwaite Ironbeck Juniperell Kestrelby Longmarsh Mistleford Northwickle Oakenshawe Pebblestow Rookswell"
        " Saltmarrow Tanglewick Umberleigh Vellumgate Whitherstone Yarrowmead Ashenmoor Briarholt Copperfenn Dunmarrow"
        " Eldermoss Frosthaven Gorseley Heatherby Inkwell_Bay Lanternfield Marrowgate Nettlecombe Otterslade Plumewood"
    ),
    trades={
        "manufacturing": _pairs(
            "Precision Castings Polymers Foundry Instruments Foods Metalworks Fabrication"
        ),
        "it": _pairs("Systems Software Data Networks Analytics"),
        "trade": _pairs("Trading Wholesale Supplies Merchants Stores"),
        "logistics": _pairs("Logistics Freight Warehousing Haulage"),
        "construction": _pairs("Builders Construction Contracting Engineering"),
        "services": _pairs("Services Consulting Partners Staffing"),
        "health": _pairs("Medical Care Pharma"),
    },
    forms=[("%s Ltd.", 40), ("%s Inc.", 30), ("%s, Inc.", 5), ("%s Limited", 8), ("%s LLC", 10), ("%s", 7)],
    industries={
        "manufacturing": "Manufacturing",
        "it": "Information technology",
        "trade": "Wholesale and retail",
        "logistics": "Logistics",
        "construction": "Construction",
        "services": "Services",
        "health": "Health care",
    },
    prefectures=[
        ("Greater London", 30), ("West Midlands", 14), ("Greater Manchester", 12), ("West Yorkshire", 10),
        ("Merseyside", 7), ("Hampshire", 7), ("Kent", 6), ("Essex", 5), ("Surrey", 5), ("Devon", 4),
    ],
    country="United Kingdom",
    home=["Greater Manchester", "Merseyside"],
    departments={
        "operations": "Operations",
        "purchasing": "Purchasing",
        "it": "IT",
        "management": "Strategy",
        "sales": "Sales Operations",
        "affairs": "Administration",
    },
    titles={
        "staff": ["Specialist", "Coordinator"],
        "manager": ["Manager", "Team Lead"],
        "director": ["Director", "Head of Department"],
        "executive": ["Managing Director", "Chief Operating Officer", "Chief Executive"],
        "": ["Student"],
    },
    sources={
        "exhibition": "Exhibition",
        "web": "Web site",
        "seminar": "Seminar",
        "referral": "Referral",
        "advert": "Online advert",
        "paper": "Trade press",
    },
    interests=["Order handling", "Stock keeping", "Costing", "Archiving", "Forecasting", "Integration"],
    tools=["Spreadsheets", "Built in house", "Another cloud service", "Packaged software", "None"],
    staff=_pairs(
        "Marsden Iris Fenwick Hugo Arden Theo Quill Martha Sorrel Nina Tolliver Jack Wren Ada Hollis Ewan Lyle Tessa"
        " Bishop Mina Crowe Silas Vane Oscar"
    ),
    said={
        "rejected": [
            "Just signed with a competitor", "Outside my territory",
            "A competitor of ours", "A partner has it",
        ],
        "handed_back": [
            "Still gathering information", "Budget only next year",
            "The contact has moved on", "No answer",
        ],
        "won": [
            "Needs and budget fit, decided quickly", "A reference convinced them",
            "Chosen after comparison", "Liked the trial",
        ],
        "lost": ["Price was too high", "Went to a competitor", "Project cancelled", "Lost its priority"],
        "next": ["Send the quote", "Meet with their manager", "Ask how the trial goes", "Call about requirements"],
        "open": ["Quote is out", "Their manager joins next time", "Requirements are being written"],
        "disqualified": ["Not a business we serve", "A private inquiry"],
        "corrected": ["Checked and corrected", "Judged the timing anew"],
    },
    phone="+44 1632 960%03d",  # kept free for drama
    phones=1000,
)  # fmt: skip
