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

TEST(Cascades, AreOfDeletionsOnly) {
    const Cascades::Reference references[] = {{"users", "posts"}};
    const Cascades cascades(references);
    EXPECT_EQ(written_by(cascades, sql::StatementType::insert, "users"), Tables{"users"});
    EXPECT_EQ(written_by(cascades, sql::StatementType::update, "users"), Tables{"users"});
    EXPECT_EQ(written_by(cascades, sql::StatementType::other, "users"), (Tables{"users", "posts"}));
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

TEST_P(CascadesOf, ADeletedRowMovesTheGenerationsOfWhatWentWithIt) {
    static const std::vector<Migration> with_posts = [] {
        auto all = migrations();
        all.push_back(
            {"0003_posts",
             up(create_table("posts", {{"id", column::id},
                                       {"author_id", column::reference("users").on_delete_cascade()}}),
                create_index("idx_post_author", "posts", {"author_id"})),
             down(drop_table("posts"))});
        return all;
    }();
    Fixture fixture(GetParam(), {}, with_posts);
    const auto user = a_user(fixture);
    fixture.run(fixture.db().insert(posts, NewPost{user.id}));
    auto& generations = fixture.database->generations();
    const auto slot = generations.slot("posts");
    const auto before = generations.read(slot);
    const auto of_resources = generations.read(generations.slot("resources"));
    EXPECT_TRUE(fixture.run(fixture.db().erase(users, user.id)));
    EXPECT_EQ(fixture.run(fixture.db().select(posts).count()), 0u);
    EXPECT_NE(generations.read(slot).number, before.number);
    EXPECT_EQ(generations.read(generations.slot("resources")), of_resources);
}

}  // namespace brio::db::test
