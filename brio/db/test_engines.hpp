// Test-only: tests that hold on every engine.
//
//     class Db : public OnEveryEngine {};
//     INSTANTIATE_TEST_SUITE_P(, Db, every_engine, engine_name);
//     TEST_P(Db, AnAbsentRowIsNothing) {
//         Fixture fixture(GetParam());
//         …
//
// They are called Db.AnAbsentRowIsNothing/sqlite and …/postgresql.
#pragma once
#include <gtest/gtest.h>

#include <brio/db/test_model.hpp>

namespace brio::db::test {

using OnEveryEngine = testing::TestWithParam<sql::Dialect>;

inline const auto every_engine = testing::Values(sql::Dialect::sqlite, sql::Dialect::postgresql);

inline std::string engine_name(const testing::TestParamInfo<sql::Dialect>& engine) {
    return engine.param == sql::Dialect::sqlite ? "sqlite" : "postgresql";
}

}  // namespace brio::db::test
