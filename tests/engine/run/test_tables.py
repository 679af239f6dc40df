"""What has no row in a table is listed in the report, each value with the line to add."""

from engine.report.causes import causes_of

PARCEL = """
- use: depot.store_parcel
  with: {title: "{{ order.colour | translate('paints') }}"}
"""


def test_each_value_without_a_row_is_a_cause_with_the_line_to_add(office, make_order):
    (office.library.folder / "paints.csv").write_text("Mill,Depot\nred,rouge\n", "utf-8")
    recipe = office.recipe(PARCEL, more="translate: {paints: paints.csv}")
    office.mill.orders = [
        make_order("1"),
        make_order("2", colour="blue"),
        make_order("3", colour="blue"),
        make_order("4", colour="sea, deep"),
    ]
    run = office.run(recipe)
    assert office.depot.parcels["1"]["title"] == "rouge"
    assert [
        (cause.count, cause.reason, cause.how_to_fix) for cause in causes_of(office.store, run)
    ] == [
        (
            2,
            "'blue' is not in the table 'paints'.",
            "Add a row for it to paints.csv, which begins with blue.",
        ),
        (
            1,
            "'sea, deep' is not in the table 'paints'.",
            'Add a row for it to paints.csv, which begins with "sea, deep".',
        ),
    ]


def test_a_run_goes_on_with_the_rows_it_began_with(office, make_order, small_chunks):
    file = office.library.folder / "paints.csv"
    file.write_text("Mill,Depot\nred,rouge\n", "utf-8")
    recipe = office.recipe(PARCEL, more="translate: {paints: paints.csv}")

    def someone_edits() -> None:
        file.write_text("Mill,Depot\nred,rosso\n", "utf-8")

    office.mill.orders = [*map(make_order, "1234"), someone_edits, make_order("5")]
    office.run(recipe)
    assert {parcel["title"] for parcel in office.depot.parcels.values()} == {"rouge"}
    office.mill.orders = [make_order("1")]
    office.run(office.library.load("parcels"))
    assert office.depot.parcels["1"]["title"] == "rosso"
