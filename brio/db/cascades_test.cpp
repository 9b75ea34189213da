#include <brio/db/cascades.hpp>

#include <gtest/gtest.h>

#include <brio/db/test_engines.hpp>

namespace brio::db::test {
namespace {

using Tables = std::vector<std::string>;

Tables written_by(const Cascades& cascades, sql::StatementType type, std::string table) {
    const sql::Statement statement({.type = type, .name = "test", .writes = {std::move(table)}},
                                   [](sql::Dialect) { return std::string(); });
    return cascades.written_by(statement);
}

TEST(Cascades, AreFollowedToTheEndAndInCircles) {
    const Cascades::Reference references[] = {{"users", "posts"}, {"posts", "votes"}, {"votes", "users"}};
    const Cascades cascades(references);
    EXPECT_EQ(written_by(cascades, sql::StatementType::erase, "users"), (Tables{"users", "posts", "votes"}));
    EXPECT_EQ(written_by(cascades, sql::StatementType::erase, "tags"), Tables{"tags"});
}

TEST(Cascades, ThoseOfDeletionsAreOfWhatMayDeleteOnly) {
    const Cascades::Reference references[] = {{"users", "posts"}};
    const Cascades cascades(references);
    EXPECT_EQ(written_by(cascades, sql::StatementType::insert, "users"), Tables{"users"});
    EXPECT_EQ(written_by(cascades, sql::StatementType::update, "users"), Tables{"users"});
    EXPECT_EQ(written_by(cascades, sql::StatementType::other, "users"), (Tables{"users", "posts"}));
}

TEST(Cascades, ThoseOfChangedKeysAreOfUpdatesToo) {
    const Cascades::Reference references[] = {
        {.target = "users", .table = "posts", .on_delete = false, .on_update = true}, {"posts", "votes"}};
    const Cascades cascades(references);
    EXPECT_EQ(written_by(cascades, sql::StatementType::update, "users"), (Tables{"users", "posts"}));
    EXPECT_EQ(written_by(cascades, sql::StatementType::erase, "users"), (Tables{"users", "posts", "votes"}));
    EXPECT_EQ(written_by(cascades, sql::StatementType::insert, "users"), Tables{"users"});
}

struct Post {
    Id<Post> id;
    Id<User> author_id;
};
inline constexpr auto posts = table<Post>("posts").index<&Post::author_id>("idx_post_author");
struct NewPost {
    Id<User> author_id;
};

}  // namespace

class CascadesOf : public OnEveryEngine {};
INSTANTIATE_TEST_SUITE_P(, CascadesOf, every_engine, engine_name);

struct WithPosts {
    static const std::vector<Migration>& migrations() {
        static const std::vector<Migration> all = [] {
            auto those = test::migrations();
            those.push_back(
                {"0003_posts",
                 up(create_table("posts", {{"id", column::id},
                                           {"author_id", column::reference("users").on_delete_cascade()}}),
                    create_index("idx_post_author", "posts", {"author_id"})),
                 down(drop_table("posts"))});
            return those;
        }();
        return all;
    }
    explicit WithPosts(sql::Dialect dialect) : fixture(dialect, {}, migrations()), user(a_user(fixture)) {
        fixture.run(fixture.db().insert(posts, NewPost{user.id}));
    }
    std::uint64_t generation_of_posts() {
        return fixture.database->generations().read(fixture.database->generations().slot("posts")).number;
    }
    std::uint64_t count_posts() { return fixture.run(fixture.db().select(posts).count()); }

    Fixture fixture;
    User user;
};

TEST_P(CascadesOf, ADeletedRowMovesTheGenerationsOfWhatWentWithIt) {
    WithPosts test(GetParam());
    auto& generations = test.fixture.database->generations();
    const auto before = test.generation_of_posts();
    const auto of_resources = generations.read(generations.slot("resources"));
    EXPECT_TRUE(test.fixture.run(test.fixture.db().erase(users, test.user.id)));
    EXPECT_EQ(test.count_posts(), 0u);
    EXPECT_NE(test.generation_of_posts(), before);
    EXPECT_EQ(generations.read(generations.slot("resources")), of_resources);
}

TEST_P(CascadesOf, ADeletionBehindAnotherWordMovesThemToo) {
    WithPosts test(GetParam());
    const auto before = test.generation_of_posts();
    EXPECT_EQ(test.fixture.run(test.fixture.db().execute(
                  Writes{"users"},
                  "WITH gone AS (SELECT 1 AS id) DELETE FROM users WHERE id IN (SELECT id FROM gone)")),
              1u);
    EXPECT_EQ(test.count_posts(), 0u);
    EXPECT_NE(test.generation_of_posts(), before);
}

TEST(CascadesOfSqlite, AReplacedRowMovesThemToo) {
    WithPosts test(sql::Dialect::sqlite);
    const auto before = test.generation_of_posts();
    test.fixture.run(test.fixture.db().execute(
        Writes{"users"}, "insert or  replace INTO users SELECT * FROM users WHERE id = 1"));
    EXPECT_EQ(test.count_posts(), 0u);
    EXPECT_NE(test.generation_of_posts(), before);
}

TEST_P(CascadesOf, AreKnownWhenAnotherProcessHasMigratedThem) {
    WithPosts test(GetParam());
    auto& db = *test.fixture.database;
    const auto newer = db.generations().slot("newer");
    EXPECT_FALSE(test.fixture.run(test.fixture.db().erase(users, Id<User>(99))));
    const auto before = db.generations().read(newer);
    std::vector<Migration> history = WithPosts::migrations();
    history.push_back(
        {"0004_newer",
         up(create_table("newer",
                         {{"id", column::id}, {"author_id", column::reference("users").on_delete_cascade()}}),
            create_index("idx_newer_author", "newer", {"author_id"})),
         down(drop_table("newer"))});
    Migrator(test.fixture.url(), history).upgrade();
    const auto until = monotonic_now() + std::chrono::seconds(20);
    while (db.generations().read(newer) == before && monotonic_now() < until) {
        test.fixture.run(test.fixture.db().erase(users, Id<User>(99)));
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    EXPECT_NE(db.generations().read(newer), before);
}

}  // namespace brio::db::test
