"""A recipe's page in plain words."""


def test_a_recipe_is_told_and_drawn(admin):
    shown = admin.get("/recipes/contacts/explained").get_data(as_text=True)
    assert "Leave the row out if the row" in shown
    assert "How a record travels: Contacts join the newsletter" in shown
    link = '/recipes/contacts/explained"'
    assert link in admin.get("/recipes/contacts").get_data(as_text=True)


def test_a_recipe_that_cannot_be_read_says_so(admin, recipes_folder):
    (recipes_folder / "broken.yaml").write_text("name: [", "utf-8")
    answer = admin.get("/recipes/broken/explained")
    assert answer.status_code == 200
    assert "1 mistake in it" in answer.get_data(as_text=True)
