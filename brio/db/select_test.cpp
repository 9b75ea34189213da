// Selects beyond the plain ones: aggregates, groups, distinct values, bounds, batches, hints.
#include <gtest/gtest.h>

#include <brio/db/error.hpp>
#include <brio/db/test_engines.hpp>
#include <brio/json/write.hpp>

namespace brio::db::test {

namespace {

enum class State { open, paid };
struct Sale {
    Id<Sale> id;
    State state;
    std::int64_t amount;
    double weight;
    std::optional<std::int64_t> discount;
    Decimal<8, 2> price;
    Text<20> buyer;
    Timestamp sold_at;
};
constexpr auto sales = table<Sale>("sales")
                           .index<&Sale::state, &Sale::sold_at>("idx_sale_state")
                           .index<&Sale::buyer>("idx_sale_buyer");

const std::vector<Migration>& history() {
    static const std::vector<Migration> all{
        {"0001_sales",
         up(create_table("sales", {{"id", column::id},
                                   {"state", column::text()},
                                   {"amount", column::integer},
                                   {"weight", column::real},
                                   {"discount", column::integer.optional()},
                                   {"price", column::decimal(8, 2)},
                                   {"buyer", column::text()},
                                   {"sold_at", column::timestamp}}),
            create_index("idx_sale_state", "sales", {"state", "sold_at"}),
            create_index("idx_sale_buyer", "sales", {"buyer"})),
         down(drop_table("sales"))}};
    return all;
}

struct NewSale {
    State state;
    std::int64_t amount;
    double weight;
    std::optional<std::int64_t> discount;
    Decimal<8, 2> price;
    Text<20> buyer;
    Timestamp sold_at;
};
struct StateSales {
    State state;
    std::int64_t many;
    std::int64_t amount;
    double mean;
    std::optional<std::int64_t> least_discount;
    Timestamp last;
};
struct Totals {
    std::uint64_t many;
    std::int64_t amount;
    double weight;
    Decimal<18, 2> price;
    std::optional<double> mean_price;
    std::optional<Text<20>> first_buyer;
    std::int64_t buyers;
};
struct DiscountOnly {
    std::optional<std::int64_t> discount;
};
struct BuyerOnly {
    Text<20> buyer;
};

struct SelectOf : OnEveryEngine {
    SelectOf() : fixture(GetParam(), {}, history()) {}
    void fill() {
        auto sale = [](State state, std::int64_t amount, std::optional<std::int64_t> discount,
                       const char* price, const char* buyer, std::int64_t at) {
            return NewSale{state,
                           amount,
                           static_cast<double>(amount) / 2,
                           discount,
                           *Decimal<8, 2>::parse(price),
                           Text<20>(buyer),
                           Timestamp(at)};
        };
        fixture.run(
            fixture.db().insert_many(sales, std::vector{sale(State::open, 1, 5, "0.10", "ann", 3),
                                                        sale(State::open, 2, std::nullopt, "0.20", "bob", 1),
                                                        sale(State::paid, 4, std::nullopt, "0.40", "Ann", 2),
                                                        sale(State::open, 8, 3, "0.80", "ann", 9)}));
    }
    auto all_sales() { return fixture.db().select(sales); }

    Fixture fixture;
};
INSTANTIATE_TEST_SUITE_P(, SelectOf, every_engine, engine_name);

}  // namespace

TEST_P(SelectOf, GroupsAreStructsOfColumnsAndAggregates) {
    fill();
    const auto groups = fixture.run(
        all_sales()
            .group_by<&Sale::state>()
            .into<StateSales>(count().as<&StateSales::many>(), sum<&Sale::amount>().as<&StateSales::amount>(),
                              avg<&Sale::amount>().as<&StateSales::mean>(),
                              min<&Sale::discount>().as<&StateSales::least_discount>(),
                              max<&Sale::sold_at>().as<&StateSales::last>())
            .order_by(desc<&StateSales::amount>)
            .all());
    EXPECT_EQ(json::to_string(groups),
              R"([{"state":"open","many":3,"amount":11,"mean":3.6666666666666665,"least_discount":3,)"
              R"("last":"1970-01-01T00:00:00.000009Z"},{"state":"paid","many":1,"amount":4,"mean":4,)"
              R"("least_discount":null,"last":"1970-01-01T00:00:00.000002Z"}])");
}

TEST_P(SelectOf, HavingLeavesGroupsOut) {
    fill();
    auto states = [&](auto condition) {
        std::string all;
        for (const auto& group : fixture.run(
                 all_sales()
                     .group_by<&Sale::state>()
                     .having(condition)
                     .template into<StateSales>(count().as<&StateSales::many>(),
                                                sum<&Sale::amount>().as<&StateSales::amount>(),
                                                avg<&Sale::amount>().as<&StateSales::mean>(),
                                                min<&Sale::discount>().as<&StateSales::least_discount>(),
                                                max<&Sale::sold_at>().as<&StateSales::last>())
                     .order_by(asc<&StateSales::state>)
                     .all())) {
            all += reflect::enum_name(group.state);
        }
        return all;
    };
    EXPECT_EQ(states(count() > 1), "open");
    EXPECT_EQ(states(sum<&Sale::amount>() == 4 || count() > 2), "openpaid");
    EXPECT_EQ(states(sum<&Sale::price>() >= *Decimal<18, 2>::parse("1.10")), "open");
    EXPECT_EQ(states(avg<&Sale::amount>() < 3.7 && count() >= 1), "open");
    EXPECT_EQ(states(max<&Sale::sold_at>() < Timestamp(9)), "paid");
    EXPECT_EQ(states(max<&Sale::buyer>() != "bob"), "paid");
}

TEST_P(SelectOf, AggregatesOfAllRowsAreOneStruct) {
    auto totals = [&] {
        return json::to_string(fixture.run(
            all_sales()
                .into<Totals>(count().as<&Totals::many>(), sum<&Sale::amount>().as<&Totals::amount>(),
                              sum<&Sale::weight>().as<&Totals::weight>(),
                              sum<&Sale::price>().as<&Totals::price>(),
                              avg<&Sale::price>().as<&Totals::mean_price>(),
                              min<&Sale::buyer>().as<&Totals::first_buyer>(),
                              count_distinct<&Sale::buyer>().as<&Totals::buyers>())
                .one()));
    };
    EXPECT_EQ(
        totals(),
        R"({"many":0,"amount":0,"weight":0,"price":"0.00","mean_price":null,"first_buyer":null,"buyers":0})");
    fill();
    EXPECT_EQ(totals(),
              R"({"many":4,"amount":15,"weight":7.5,"price":"1.50","mean_price":0.375,"first_buyer":"Ann",)"
              R"("buyers":3})");
}

TEST_P(SelectOf, OneAggregateIsItsValue) {
    EXPECT_FALSE(fixture.run(all_sales().max<&Sale::sold_at>()));
    EXPECT_FALSE(fixture.run(all_sales().exists()));
    fill();
    const auto open = col<&Sale::state> == State::open;
    EXPECT_EQ(fixture.run(all_sales().where(open).sum<&Sale::amount>()), 11);
    EXPECT_EQ(fixture.run(all_sales().where(open).sum<&Sale::discount>()), 8);
    EXPECT_EQ(fixture.run(all_sales().where(open).max<&Sale::price>())->text(), "0.80");
    EXPECT_EQ(fixture.run(all_sales().where(open).min<&Sale::sold_at>()), Timestamp(1));
    EXPECT_EQ(fixture.run(all_sales().avg<&Sale::amount>()), 3.75);
    EXPECT_EQ(fixture.run(all_sales().count_distinct<&Sale::discount>()), 2u);
    EXPECT_TRUE(fixture.run(all_sales().where(open).exists()));
    EXPECT_FALSE(fixture.run(all_sales().where(col<&Sale::buyer> == "eve").exists()));
}

TEST_P(SelectOf, ASumBeyond64BitsIsAnErrorAndNoWrongNumber) {
    fill();
    fixture.run(fixture.db().insert(
        sales, NewSale{State::open, INT64_MAX, 0, std::nullopt, {}, Text<20>("x"), Timestamp(0)}));
    EXPECT_ANY_THROW(fixture.run(all_sales().sum<&Sale::amount>()));
    EXPECT_EQ(fixture.run(all_sales().max<&Sale::amount>()), INT64_MAX);
}

TEST_P(SelectOf, DistinctValuesComeInTheirOrderByBytes) {
    fill();
    std::vector<std::string> buyers;
    for (const auto& buyer : fixture.run(all_sales().distinct<&Sale::buyer>())) {
        buyers.push_back(buyer.str());
    }
    EXPECT_EQ(buyers, (std::vector<std::string>{"Ann", "ann", "bob"}));
    EXPECT_EQ(fixture.run(all_sales().group_by<&Sale::buyer>().into<BuyerOnly>().all()).size(), 3u);
    const auto names = fixture.run(all_sales()
                                       .where(col<&Sale::state> == State::open)
                                       .into<BuyerOnly>()
                                       .order_by(asc<&BuyerOnly::buyer>)
                                       .limit(2)
                                       .all());
    EXPECT_EQ(json::to_string(names), R"([{"buyer":"ann"},{"buyer":"ann"}])");
}

TEST_P(SelectOf, NullIsTheLeastOfAnOrder) {
    fill();
    auto discounts = [&](auto order) {
        return json::to_string(fixture.run(all_sales().template into<DiscountOnly>().order_by(order).all()));
    };
    const std::string up = R"([{"discount":null},{"discount":null},{"discount":3},{"discount":5}])";
    const std::string down = R"([{"discount":5},{"discount":3},{"discount":null},{"discount":null}])";
    EXPECT_EQ(discounts(asc<&DiscountOnly::discount>), up);
    EXPECT_EQ(discounts(desc<&DiscountOnly::discount>), down);
    EXPECT_EQ(fixture.run(all_sales().order_by(desc<&Sale::discount>).all()).front().discount, 5);
    EXPECT_EQ(json::to_string(fixture.run(all_sales().distinct<&Sale::discount>())), "[null,3,5]");
}

TEST_P(SelectOf, OneRefusesSeveral) {
    fill();
    EXPECT_EQ(fixture.run(all_sales().where(col<&Sale::buyer> == "bob").one())->amount, 2);
    EXPECT_FALSE(fixture.run(all_sales().where(col<&Sale::buyer> == "eve").one()));
    EXPECT_THROW(fixture.run(all_sales().where(col<&Sale::buyer> == "ann").one()), StatementError);
}

TEST_P(SelectOf, LikeHeedsTheCaseAndIlikeDoesNot) {
    fill();
    auto buyers = [&](auto condition) {
        return fixture.run(all_sales().where(unindexed("a test", condition)).count());
    };
    EXPECT_EQ(buyers(like(col<&Sale::buyer>, "a%")), 2u);
    EXPECT_EQ(buyers(ilike(col<&Sale::buyer>, "a%")), 3u);
    EXPECT_EQ(buyers(like(col<&Sale::buyer>, "_nn")), 3u);
    EXPECT_EQ(buyers(like(col<&Sale::buyer>, "\\%nn")), 0u);
    fixture.run(fixture.db().insert(
        sales, NewSale{State::paid, 1, 0, std::nullopt, {}, Text<20>("a*[b]?\\%_"), Timestamp(0)}));
    for (const auto* pattern : {"a*[b]?\\\\\\%\\_", "a*[%", "%]?%", "%\\\\%", "a_[b]__%", "%\\_"}) {
        EXPECT_EQ(buyers(like(col<&Sale::buyer>, pattern)), 1u) << pattern;
    }
    EXPECT_EQ(buyers(like(col<&Sale::buyer>, "%\\")), 0u);
}

TEST_P(SelectOf, MoreRowsThanTheBoundAreAnErrorAndEachGoesThroughThemAll) {
    std::vector<NewSale> many(static_cast<std::size_t>(most_rows) + 1,
                              NewSale{State::paid, 1, 0, std::nullopt, {}, Text<20>("x"), Timestamp(0)});
    fixture.run(fixture.db().insert_many(sales, many));
    try {
        fixture.run(all_sales().all());
        FAIL() << "10,001 rows were given";
    } catch (const StatementError& refused) {
        EXPECT_NE(std::string(refused.what()).find("more than 10000 rows (sales select): say .limit(n)"),
                  std::string::npos)
            << refused.what();
    }
    EXPECT_EQ(fixture.run(all_sales().limit(20'000).all()).size(), many.size());
    std::int64_t last = 0;
    std::uint64_t seen = 0;
    EXPECT_EQ(fixture.run(all_sales().each([&](const Sale& sale) {
        EXPECT_LT(last, sale.id.value);
        last = sale.id.value;
        ++seen;
    })),
              many.size());
    EXPECT_EQ(seen, many.size());
    std::vector<std::size_t> batches;
    EXPECT_EQ(fixture.run(all_sales()
                              .where(col<&Sale::state> == State::paid)
                              .limit(2500)
                              .each(
                                  [&](std::vector<Sale> batch) -> Async<void> {
                                      batches.push_back(batch.size());
                                      co_return;
                                  },
                                  1000)),
              2500u);
    EXPECT_EQ(batches, (std::vector<std::size_t>{1000, 1000, 500}));
}

TEST_P(SelectOf, AHintNamesADeclaredIndexAndChangesNoRow) {
    fill();
    EXPECT_EQ(fixture.run(all_sales().hint<&Sale::buyer>().where(col<&Sale::buyer> == "ann").all()).size(),
              2u);
    EXPECT_EQ(fixture.run(all_sales().hint<&Sale::buyer>().where(col<&Sale::buyer> == "ann").count()), 2u);
}

}  // namespace brio::db::test
