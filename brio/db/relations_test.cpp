// Relations of relations, as structs and as JSON, and how many statements they take.
#include <gtest/gtest.h>

#include <brio/db/test_engines.hpp>
#include <brio/json/write.hpp>
#include <brio/ledger/ledger.hpp>

namespace brio::db::test {

namespace {

struct Team {
    Id<Team> id;
    Text<50> name;
};
struct Person {
    Id<Person> id;
    std::optional<Id<Team>> team_id;
    Text<50> name;
};
struct Membership {
    Id<Membership> id;
    Id<Person> person_id;
    Id<Team> team_id;
};
struct Note {
    Id<Note> id;
    Id<Person> author_id;
    Text<50> words;
};

constexpr auto teams = table<Team>("teams");
constexpr auto people = table<Person>("people").index<&Person::team_id>("idx_person_team");
constexpr auto memberships =
    table<Membership>("memberships").unique<&Membership::person_id, &Membership::team_id>("idx_membership");
constexpr auto notes = table<Note>("notes").index<&Note::author_id>("idx_note_author");

constexpr auto author = belongs_to<&Note::author_id>(people, "author");
constexpr auto team = belongs_to<&Person::team_id>(teams, "team");
constexpr auto members = has_many<&Person::team_id>(people, "members");
constexpr auto written = has_many<&Note::author_id>(notes, "notes");
constexpr auto joined = through<&Membership::person_id, &Membership::team_id>(memberships, teams, "joined");

constexpr auto team_list = list_of(teams);
constexpr auto note_list = list_of(notes);
constexpr auto people_list = list_of(people).page_size(20, 100);

const std::vector<Migration>& history() {
    static const std::vector<Migration> all{
        {"0001_people",
         up(create_table("teams", {{"id", column::id}, {"name", column::text()}}),
            create_table("people", {{"id", column::id},
                                    {"team_id", column::reference("teams").optional()},
                                    {"name", column::text()}}),
            create_table("memberships", {{"id", column::id},
                                         {"person_id", column::reference("people")},
                                         {"team_id", column::reference("teams")}}),
            create_table(
                "notes",
                {{"id", column::id}, {"author_id", column::reference("people")}, {"words", column::text()}}),
            create_index("idx_person_team", "people", {"team_id"}),
            create_index("idx_membership", "memberships", {"person_id", "team_id"}, unique),
            create_index("idx_note_author", "notes", {"author_id"})),
         down(drop_table("notes"), drop_table("memberships"), drop_table("people"), drop_table("teams"))}};
    return all;
}

struct NewTeam {
    Text<50> name;
};
struct NewPerson {
    std::optional<Id<Team>> team_id;
    Text<50> name;
};
struct NewMembership {
    Id<Person> person_id;
    Id<Team> team_id;
};
struct NewNote {
    Id<Person> author_id;
    Text<50> words;
};

/// Red (Ann, Bob) and blue (nobody); Cid is in no team. Ann has joined both, Cid blue. Ann wrote a and b, Cid
/// c.
struct Relations : OnEveryEngine {
    Relations() : fixture(GetParam(), {}, history()) {
        add(teams, {NewTeam{Text<50>("red")}, NewTeam{Text<50>("blue")}});
        add(people, {NewPerson{Id<Team>(1), Text<50>("Ann")}, NewPerson{Id<Team>(1), Text<50>("Bob")},
                     NewPerson{std::nullopt, Text<50>("Cid")}});
        add(memberships,
            {NewMembership{Id<Person>(1), Id<Team>(2)}, NewMembership{Id<Person>(1), Id<Team>(1)},
             NewMembership{Id<Person>(3), Id<Team>(2)}});
        add(notes, {NewNote{Id<Person>(1), Text<50>("a")}, NewNote{Id<Person>(1), Text<50>("b")},
                    NewNote{Id<Person>(3), Text<50>("c")}});
    }
    template <class T, class New>
    void add(T table, std::initializer_list<New> rows) {
        fixture.run(fixture.db().insert_many(table, std::vector<New>(rows)));
    }
    /// The page's items as JSON; the same as structs of a select have.
    template <auto const& Listing, auto const&... With>
    std::string items() {
        ledger::Ledger ledger;
        ledger.start(ledger::Phase::handler);
        runtime::Work work;
        work.ledger = &ledger;
        auto list = *sql::parse_list<Listing>(std::vector<sql::NamedValue>{{"total", "none"}});
        const auto page = test::run(fixture.loop, fixture.db().page_with<With...>(list), work);
        statements = ledger.statements;
        const std::string json = "[" + std::string(page.result().items.view()) + "]";
        const auto rows = fixture.run(fixture.db()
                                          .select(Listing.table)
                                          .template with<With...>()
                                          .order_by(asc<&std::remove_cvref_t<decltype(Listing)>::row::id>)
                                          .all());
        EXPECT_EQ(json::to_string(rows), json);
        EXPECT_EQ(json::to_string(page.items()), json);
        return json;
    }

    Fixture fixture;
    std::uint64_t statements = 0;
};
INSTANTIATE_TEST_SUITE_P(, Relations, every_engine, engine_name);

}  // namespace

TEST_P(Relations, ToOneWithinToOneIsOneStatement) {
    EXPECT_EQ(
        (items<note_list, nested<author, team>>()),
        R"([{"id":1,"author_id":1,"words":"a","author":{"id":1,"team_id":1,"name":"Ann",)"
        R"("team":{"id":1,"name":"red"}}},)"
        R"({"id":2,"author_id":1,"words":"b","author":{"id":1,"team_id":1,"name":"Ann",)"
        R"("team":{"id":1,"name":"red"}}},)"
        R"({"id":3,"author_id":3,"words":"c","author":{"id":3,"team_id":null,"name":"Cid","team":null}}])");
    EXPECT_EQ(statements, 1u);
}

TEST_P(Relations, ToManyWithinToManyIsOneStatementForEach) {
    EXPECT_EQ((items<team_list, nested<members, written, joined>>()),
              R"([{"id":1,"name":"red","members":[{"id":1,"team_id":1,"name":"Ann",)"
              R"("notes":[{"id":1,"author_id":1,"words":"a"},{"id":2,"author_id":1,"words":"b"}],)"
              R"("joined":[{"id":1,"name":"red"},{"id":2,"name":"blue"}]},)"
              R"({"id":2,"team_id":1,"name":"Bob","notes":[],"joined":[]}]},)"
              R"({"id":2,"name":"blue","members":[]}])");
    EXPECT_EQ(statements, 4u);
}

TEST_P(Relations, ToManyWithinToOneIsLoadedOnceForTheRowsThatShareIt) {
    EXPECT_EQ((items<note_list, nested<author, joined, team>>()),
              R"([{"id":1,"author_id":1,"words":"a","author":{"id":1,"team_id":1,"name":"Ann",)"
              R"("joined":[{"id":1,"name":"red"},{"id":2,"name":"blue"}],"team":{"id":1,"name":"red"}}},)"
              R"({"id":2,"author_id":1,"words":"b","author":{"id":1,"team_id":1,"name":"Ann",)"
              R"("joined":[{"id":1,"name":"red"},{"id":2,"name":"blue"}],"team":{"id":1,"name":"red"}}},)"
              R"({"id":3,"author_id":3,"words":"c","author":{"id":3,"team_id":null,"name":"Cid",)"
              R"("joined":[{"id":2,"name":"blue"}],"team":null}}])");
    EXPECT_EQ(statements, 2u);
}

TEST_P(Relations, ThreeLevelsCloseTheirBraces) {
    EXPECT_EQ((items<team_list, nested<members, nested<team, members>>>()),
              R"([{"id":1,"name":"red","members":[)"
              R"({"id":1,"team_id":1,"name":"Ann","team":{"id":1,"name":"red","members":[)"
              R"({"id":1,"team_id":1,"name":"Ann"},{"id":2,"team_id":1,"name":"Bob"}]}},)"
              R"({"id":2,"team_id":1,"name":"Bob","team":{"id":1,"name":"red","members":[)"
              R"({"id":1,"team_id":1,"name":"Ann"},{"id":2,"team_id":1,"name":"Bob"}]}}]},)"
              R"({"id":2,"name":"blue","members":[]}])");
}

TEST_P(Relations, WhatIsNestedIsFoundByItsRelation) {
    const auto note = fixture.run(fixture.db().find_with<nested<author, team, joined>>(notes, Id<Note>(1)));
    ASSERT_TRUE(note);
    const auto& by = note->get<author>();
    EXPECT_EQ(by->name, "Ann");
    ASSERT_TRUE(by.get<team>());
    EXPECT_EQ(by.get<team>()->name, "red");
    EXPECT_EQ(by.get<joined>().size(), 2u);
}

TEST_P(Relations, AHundredRowsWithThreeRelationsAndTheirTotalAreFourStatements) {
    fixture.run(
        fixture.db().insert_many(people, std::vector<NewPerson>(200, {Id<Team>(2), Text<50>("Dan")})));
    if (fixture.postgres) {
        psql(fixture.url(), "CREATE EXTENSION pg_stat_statements");
        psql(fixture.url(),
             "SELECT pg_stat_statements_reset(0, (SELECT oid FROM pg_database WHERE datname = "
             "current_database()), 0)");
    }
    ledger::Ledger ledger;
    ledger.start(ledger::Phase::handler);
    runtime::Work work;
    work.ledger = &ledger;
    auto list = *sql::parse_list<people_list>(std::vector<sql::NamedValue>{{"page_size", "100"}});
    const auto page = test::run(fixture.loop, fixture.db().page_with<team, written, joined>(list), work);
    EXPECT_EQ(page.count(), 100u);
    EXPECT_EQ(ledger.statements, 4u);
    if (fixture.postgres) {
        EXPECT_EQ(psql(fixture.url(),
                       "SELECT sum(calls) FROM pg_stat_statements WHERE query ~ '(people|notes|memberships)' "
                       "AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())"),
                  "4");
    }
}

TEST_P(Relations, MoreThan500KeysAreSeveralStatements) {
    std::vector<NewPerson> many(1100, NewPerson{Id<Team>(2), Text<50>("Dan")});
    fixture.run(fixture.db().insert_many(people, many));
    std::vector<NewNote> their;
    for (std::int64_t i = 4; i <= 1103; ++i) {
        their.push_back({Id<Person>(i), Text<50>(std::to_string(i))});
    }
    fixture.run(fixture.db().insert_many(notes, their));
    const auto items =
        fixture.run(fixture.db().page_with<nested<members, written>>(*sql::parse_list<team_list>({})))
            .items();
    ASSERT_EQ(items.at(1).get<members>().size(), 1100u);
    for (const auto& person : items.at(1).get<members>()) {
        ASSERT_EQ(person.get<written>().size(), 1u);
        EXPECT_EQ(person.get<written>()[0].words.str(), std::to_string(person->id.value));
    }
}

TEST_P(Relations, FindByTakesTheColumnsOfItsIndexInAnyOrder) {
    auto find = [&](Id<Team> of, Id<Person> person) {
        return fixture.run(
            fixture.db().find_by<&Membership::team_id, &Membership::person_id>(memberships, of, person));
    };
    ASSERT_TRUE(find(Id<Team>(2), Id<Person>(3)));
    EXPECT_FALSE(find(Id<Team>(1), Id<Person>(3)));
}

}  // namespace brio::db::test
