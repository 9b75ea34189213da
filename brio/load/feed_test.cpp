#include <brio/load/feed.hpp>

#include <gtest/gtest.h>
#include <fstream>
#include <set>

#include <brio/base/temporary_folder.hpp>

namespace brio::load {
namespace {

enum class Kind { small, large };
struct Account {
    std::string email;
    int age;
    Kind kind;
};

class Files {
public:
    std::string with(const std::string& text) {
        auto const name = folder_.file("feed");
        std::ofstream(name, std::ios::binary) << text;
        return name;
    }
    std::string error_of(const std::string& text) {
        try {
            read_csv<Account>(with(text));
        } catch (const std::runtime_error& error) {
            return error.what();
        }
        return {};
    }

private:
    TemporaryFolder folder_;
};

TEST(LoadFeed, CsvIsReadIntoStructsByTheNamesOfItsColumns) {
    Files files;
    auto const rows =
        read_csv<Account>(files.with("kind,email,extra,age\r\nlarge,\"a\"\"b, c\n@x\",1,41\r\n"
                                     "small,b@x,,7"));
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].email, "a\"b, c\n@x");
    EXPECT_EQ(rows[0].age, 41);
    EXPECT_EQ(rows[0].kind, Kind::large);
    EXPECT_EQ(rows[1].email, "b@x");
}

TEST(LoadFeed, CsvThatDoesNotFitIsNamed) {
    Files files;
    EXPECT_NE(files.error_of("email,age\na,1\n").find("has no column \"kind\""), std::string::npos);
    EXPECT_NE(files.error_of("email,age,kind\na,x,small\n").find("row 1: age must be an integer"),
              std::string::npos);
    EXPECT_NE(files.error_of("email,age,kind\na,1\n").find("row 1 has 2 values for 3 columns"),
              std::string::npos);
    EXPECT_NE(files.error_of("email,age,kind\n\"a,1,small\n").find("a quote has no end"), std::string::npos);
    EXPECT_NE(files.error_of("").find("no line with the columns"), std::string::npos);
    EXPECT_THROW(read_csv<Account>("/nowhere/at/all"), std::runtime_error);
}

TEST(LoadFeed, JsonIsReadIntoStructs) {
    Files files;
    auto const rows = read_json<Account>(files.with(R"([{"email":"a@x","age":3,"kind":"small"}])"));
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0].age, 3);
    EXPECT_THROW(read_json<Account>(files.with("[{}]")), std::runtime_error);
}

TEST(LoadFeed, OrdersDifferInWhatComesNext) {
    Random random(1);
    Feed<int> sequential({1, 2});
    EXPECT_EQ(*sequential.next(random) + *sequential.next(random), 3);
    EXPECT_EQ(*sequential.next(random), 1);
    Feed<int> unique({1, 2}, Order::unique);
    EXPECT_EQ(*unique.next(random), 1);
    EXPECT_EQ(*unique.next(random), 2);
    EXPECT_EQ(unique.next(random), nullptr);
    Feed<int> any({1, 2, 3}, Order::random);
    std::set<int> seen;
    for (int i = 0; i < 100; ++i) {
        seen.insert(*any.next(random));
    }
    EXPECT_EQ(seen.size(), 3U);
    EXPECT_THROW(Feed<int>({}), std::invalid_argument);
}

}  // namespace
}  // namespace brio::load
