#include <brio/app/settings.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace brio::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const SettingLine& line_of(const Configuration& configuration, std::string_view name) {
    for (auto const& line : configuration.lines) {
        if (line.name == name) {
            return line;
        }
    }
    throw std::out_of_range(std::string(name));
}

TEST(Settings, WithoutSourcesAreTheDefaultsOfTheContract) {
    auto const made = configure({});
    EXPECT_THAT(made.errors, IsEmpty());
    EXPECT_EQ(made.values.host, "127.0.0.1");
    EXPECT_EQ(made.values.port, 8080);
    EXPECT_EQ(made.values.admin_port, 8000);
    EXPECT_EQ(made.values.mode, Mode::production);
    EXPECT_EQ(made.values.limits.body, 1024U * 1024U);
    EXPECT_EQ(line_of(made, "BRIO_PORT").value, "8080");
    EXPECT_EQ(line_of(made, "BRIO_PORT").origin, Origin::program);
}

TEST(Settings, ALaterSourceWins) {
    auto const made = configure({.file = "BRIO_PORT = 1\nBRIO_THREADS = 2\nBRIO_GRACE_MS = 3",
                                 .environment = {{"BRIO_THREADS", "4"}, {"BRIO_GRACE_MS", "5"}},
                                 .command_line = {{"BRIO_GRACE_MS", "6"}}});
    EXPECT_THAT(made.errors, IsEmpty());
    EXPECT_EQ(made.values.port, 1);
    EXPECT_EQ(made.values.threads, 4U);
    EXPECT_EQ(made.values.grace, std::chrono::milliseconds(6));
    EXPECT_EQ(line_of(made, "BRIO_PORT").origin, Origin::file);
    EXPECT_EQ(line_of(made, "BRIO_THREADS").origin, Origin::environment);
    EXPECT_EQ(line_of(made, "BRIO_GRACE_MS").origin, Origin::command_line);
}

TEST(Settings, AFileMayWriteNumbersAndTexts) {
    auto const made =
        configure({.file = "BRIO_PORT = \"9090\"\nBRIO_LOG = \"json\"\nBRIO_LIMIT_BODY = 2_000_000"});
    EXPECT_THAT(made.errors, IsEmpty());
    EXPECT_EQ(made.values.port, 9090);
    EXPECT_EQ(made.values.log, LogFormat::json);
    EXPECT_EQ(made.values.limits.body, 2'000'000U);
}

TEST(Settings, AdmissionAdaptsToAQuarterOfTheGoalUnlessSaidOtherwise) {
    auto const usual = configure({});
    EXPECT_TRUE(usual.values.admission_adapts);
    EXPECT_FALSE(usual.values.wait);
    EXPECT_EQ(line_of(usual, "BRIO_ADMISSION").value, "adaptive");
    auto const made = configure({.environment = {{"BRIO_ADMISSION", "fixed"}, {"BRIO_LIMIT_WAIT_MS", "30"}}});
    EXPECT_THAT(made.errors, IsEmpty());
    EXPECT_FALSE(made.values.admission_adapts);
    EXPECT_EQ(made.values.wait, std::chrono::milliseconds(30));
    EXPECT_EQ(configure({.environment = {{"BRIO_ADMISSION", "off"}}}).errors.size(), 1U);
}

TEST(Settings, TrustedProxiesAreAddressesAndNetworks) {
    EXPECT_EQ(configure({}).values.trusted_proxies, "") << "nobody is trusted unless said";
    auto const two = configure({.environment = {{"BRIO_TRUSTED_PROXIES", "127.0.0.1, fd00::/8"}}});
    EXPECT_THAT(two.errors, IsEmpty());
    EXPECT_EQ(line_of(two, "BRIO_TRUSTED_PROXIES").value, "127.0.0.1, fd00::/8");
    EXPECT_THAT(configure({.environment = {{"BRIO_TRUSTED_PROXIES", "127.0.0.1,nginx"}}}).errors,
                ElementsAre("BRIO_TRUSTED_PROXIES cannot be used: \"nginx\" is no address and no network, as "
                            "10.0.0.0/8"));
}

TEST(Settings, TlsIsThatOfItsCertificate) {
    auto const made = configure({.environment = {{"BRIO_TLS_CERTIFICATE", "chain.pem"},
                                                 {"BRIO_TLS_KEY", "key.pem"},
                                                 {"BRIO_TLS_MIN_VERSION", "1.3"},
                                                 {"BRIO_REDIRECT_PORT", "80"},
                                                 {"BRIO_HSTS_SECONDS", "86400"}}});
    EXPECT_THAT(made.errors, IsEmpty());
    EXPECT_TRUE(made.values.has_tls());
    EXPECT_EQ(made.values.tls.key, "key.pem");
    EXPECT_EQ(made.values.tls.least, http::TlsVersion::v1_3);
    EXPECT_EQ(made.values.redirect_port, 80);
    EXPECT_EQ(made.values.strict_time, std::chrono::hours(24));
    EXPECT_FALSE(configure({}).values.has_tls());
}

TEST(Settings, WhatNeedsACertificateIsRefusedWithoutOne) {
    for (auto const* name :
         {"BRIO_TLS_KEY", "BRIO_TLS_CLIENT_CA", "BRIO_REDIRECT_PORT", "BRIO_HSTS_SECONDS"}) {
        auto const made = configure({.environment = {{name, "90"}}});
        ASSERT_EQ(made.errors.size(), 1U) << name;
        EXPECT_THAT(made.errors[0], HasSubstr(std::string(name) + " is given without BRIO_TLS_CERTIFICATE"));
    }
    auto const same =
        configure({.environment = {{"BRIO_TLS_CERTIFICATE", "chain.pem"}, {"BRIO_REDIRECT_PORT", "8080"}}});
    ASSERT_EQ(same.errors.size(), 1U);
    EXPECT_THAT(same.errors[0], HasSubstr("BRIO_REDIRECT_PORT and BRIO_PORT are both 8080"));
}

TEST(Settings, AWrongValueIsNamedWithItsOriginAndWhatItMayBe) {
    auto const made = configure({.environment = {{"BRIO_PORT", "70000"}}});
    ASSERT_EQ(made.errors.size(), 1U);
    EXPECT_THAT(made.errors[0], HasSubstr("BRIO_PORT (environment) is \"70000\""));
    EXPECT_THAT(made.errors[0], HasSubstr("from 0 to 65535"));
    EXPECT_EQ(made.values.port, 8080);
}

TEST(Settings, EveryWrongValueIsReportedAtOnce) {
    auto const made = configure({.file = "BRIO_MODE = \"fast\"\nBRIO_THREADS = -1\nBRIO_GOAL_API_MS = 1.5",
                                 .environment = {{"BRIO_LOG", "xml"}}});
    EXPECT_EQ(made.errors.size(), 4U);
}

TEST(Settings, NothingButTheWholeTextMakesANumber) {
    for (auto const* text : {"", " 1", "1 ", "1x", "+1", "0x1", "1e3", "-1"}) {
        EXPECT_EQ(configure({.environment = {{"BRIO_PORT", text}}}).errors.size(), 1U) << text;
    }
}

TEST(Settings, AnUnknownKeyOfTheFileIsAnErrorWithTheNearestName) {
    auto const made = configure({.file = "BRIO_PROT = 1"});
    EXPECT_THAT(made.errors, ElementsAre(HasSubstr("did you mean BRIO_PORT?")));
}

TEST(Settings, AnUnknownVariableThatWasMeantAsASettingIsAWarning) {
    auto const made = configure({.environment = {{"BRIO_PROT", "1"}, {"BRIO_LIMIT_ZEBRAS", "1"}}});
    EXPECT_THAT(made.errors, IsEmpty());
    EXPECT_THAT(made.warnings, ElementsAre(HasSubstr("BRIO_PORT"), HasSubstr("BRIO_LIMIT_ZEBRAS")));
}

TEST(Settings, VariablesOfOthersAreLeftAlone) {
    auto const made = configure({.environment = {{"PATH", "/bin"}, {"BRIO_SOURCE", "/src"}, {"PORT", "1"}}});
    EXPECT_THAT(made.errors, IsEmpty());
    EXPECT_THAT(made.warnings, IsEmpty());
}

TEST(Settings, AFileThatIsNoTomlIsNamedWithItsLine) {
    auto const made = configure({.file = "BRIO_PORT = 1\nBRIO_LOG = = 2\n"});
    EXPECT_THAT(made.errors, ElementsAre(HasSubstr("brio.toml, line 2, column")));
}

TEST(Settings, ATokenIsNeverShown) {
    auto const made = configure({.environment = {{"BRIO_ADMIN_TOKEN", "s3cret"}}});
    EXPECT_EQ(line_of(made, "BRIO_ADMIN_TOKEN").value, "(set)");
    auto const wrong = configure({.environment = {{"BRIO_ADMIN_TOKEN", "s3cret\n"}}});
    ASSERT_EQ(wrong.errors.size(), 1U);
    EXPECT_THAT(wrong.errors[0], Not(HasSubstr("s3cret")));
}

TEST(Settings, AnAdminServerThatOthersCanReachNeedsAToken) {
    EXPECT_THAT(configure({.environment = {{"BRIO_ADMIN_HOST", "0.0.0.0"}}}).errors,
                ElementsAre(HasSubstr("BRIO_ADMIN_TOKEN")));
    EXPECT_THAT(
        configure({.environment = {{"BRIO_ADMIN_HOST", "0.0.0.0"}, {"BRIO_ADMIN_TOKEN", "x"}}}).errors,
        IsEmpty());
    EXPECT_THAT(configure({.environment = {{"BRIO_ADMIN_HOST", "127.0.0.2"}}}).errors, IsEmpty());
    EXPECT_THAT(configure({.environment = {{"BRIO_ADMIN_HOST", "::1"}}}).errors, IsEmpty());
}

TEST(Settings, OnePortIsNotGivenTwice) {
    EXPECT_THAT(configure({.environment = {{"BRIO_PORT", "8000"}}}).errors,
                ElementsAre(HasSubstr("both 8000")));
}

TEST(Settings, AnotherDatabaseThanSqliteIsRefusedByName) {
    Settings defaults;
    defaults.database_url = "sqlite:///x.db";
    EXPECT_THAT(configure({.defaults = defaults, .environment = {{"DATABASE_URL", "mysql://x"}}}).errors,
                ElementsAre(HasSubstr("DATABASE_URL")));
}

TEST(Settings, ADeadlineOfItsOwnReplacesTheOneFromTheGoal) {
    EXPECT_EQ(Settings{}.query_limit(), std::chrono::seconds(1));
    auto const made = configure({.environment = {{"BRIO_DEADLINE_QUERY_MS", "70"}}});
    EXPECT_EQ(made.values.query_limit(), std::chrono::milliseconds(70));
}

TEST(Settings, EveryOneReadsBackWhatItShows) {
    auto const shown = configure({});
    std::set<std::string> names;
    for (auto const& line : shown.lines) {
        EXPECT_TRUE(names.insert(line.name).second) << line.name;
        EXPECT_FALSE(line.help.empty()) << line.name;
        if (!line.value.empty()) {
            auto const again = configure({.environment = {{line.name, line.value}}});
            EXPECT_THAT(again.errors, IsEmpty()) << line.name;
            EXPECT_EQ(line_of(again, line.name).value, line.value);
            EXPECT_EQ(line_of(again, line.name).origin, Origin::environment);
        }
    }
}

TEST(Settings, TheGuidesNamesOfRedisMakeItsUrl) {
    auto const made =
        configure({.file = "REDIS_DB = 2", .environment = {{"REDIS_HOST", "cache"}, {"REDIS_PORT", "7000"}}});
    EXPECT_THAT(made.errors, IsEmpty());
    EXPECT_THAT(made.warnings, IsEmpty());
    EXPECT_EQ(made.values.redis_url, "redis://cache:7000/2");
    EXPECT_EQ(line_of(made, "REDIS_URL").value, "redis://cache:7000/2");
    EXPECT_EQ(line_of(made, "REDIS_URL").origin, Origin::environment);
    EXPECT_EQ(configure({.environment = {{"REDIS_HOST", "::1"}}}).values.redis_url, "redis://[::1]:6379/0");
    EXPECT_EQ(configure({}).values.redis_url, "");
}

TEST(Settings, TheUrlOfRedisWinsOverTheGuidesNamesWithAWarning) {
    auto const made =
        configure({.environment = {{"REDIS_URL", "redis://a"}, {"REDIS_HOST", "b"}, {"REDIS_DB", "1"}}});
    EXPECT_THAT(made.errors, IsEmpty());
    EXPECT_THAT(made.warnings, ElementsAre(HasSubstr("REDIS_HOST is of no effect: REDIS_URL"),
                                           HasSubstr("REDIS_DB is of no effect: REDIS_URL")));
    EXPECT_EQ(made.values.redis_url, "redis://a");
    EXPECT_THAT(configure({.environment = {{"REDIS_DB", "1"}}}).warnings,
                ElementsAre(HasSubstr("without REDIS_HOST")));
}

TEST(Settings, AUrlThatIsNoneOfRedisIsAnErrorThatSaysWhichThereAre) {
    auto const made = configure({.environment = {{"REDIS_URL", "rediss://:secret@host"}}});
    EXPECT_THAT(made.errors, ElementsAre(HasSubstr("REDIS_URL cannot be used")));
    EXPECT_THAT(made.errors[0], HasSubstr("unix://"));
    EXPECT_THAT(made.errors[0], ::testing::Not(HasSubstr("secret")));
    EXPECT_EQ(line_of(configure({.environment = {{"REDIS_URL", "redis://:secret@host"}}}), "REDIS_URL").value,
              "redis://:***@host");
}

TEST(Settings, ConcurrencyIsANumberOrTheLeastAndTheMost) {
    auto const made = [](const char* text) {
        return configure({.environment = {{"BRIO_WORKER_CONCURRENCY", text}}});
    };
    EXPECT_EQ(made("8").values.worker_least, 8U);
    EXPECT_EQ(made("8").values.worker_most, 8U);
    EXPECT_EQ(made("2..64").values.worker_least, 2U);
    EXPECT_EQ(made("2..64").values.worker_most, 64U);
    EXPECT_EQ(line_of(made("2..64"), "BRIO_WORKER_CONCURRENCY").value, "2..64");
    for (auto const* wrong : {"", "0", "64..2", "2..", "..2", "2..3..4", "2...3", "many", "10001"}) {
        EXPECT_THAT(made(wrong).errors, ElementsAre(HasSubstr("2..64"))) << wrong;
    }
}

TEST(Settings, WorkersAreANumberOrTheLeastAndTheMost) {
    auto const made = [](const char* text) { return configure({.environment = {{"BRIO_WORKERS", text}}}); };
    EXPECT_EQ(made("1..4").values.workers_least, 1U);
    EXPECT_EQ(made("1..4").values.workers_most, 4U);
    EXPECT_EQ(made("0").values.workers_most, 0U);
    EXPECT_EQ(made("64").values.workers_least, 64U);
    for (auto const* wrong : {"65", "-1", "many", "4..1", "1..65"}) {
        EXPECT_THAT(made(wrong).errors, ElementsAre(HasSubstr("from 0 to 64"))) << wrong;
    }
    EXPECT_THAT(made("0..4").errors, ElementsAre(HasSubstr("the least is 1")));
}

TEST(Settings, NotAllSlotsAreKeptForOneQueue) {
    auto const errors = [](const char* kept) {
        return configure({.environment = {{"BRIO_WORKER_CONCURRENCY", "4..8"}, {"BRIO_WORKER_KEPT", kept}}})
            .errors;
    };
    EXPECT_THAT(errors("3"), IsEmpty());
    EXPECT_THAT(errors("4"), ElementsAre(HasSubstr("must leave one for the other queues")));
}

TEST(Settings, APartOfACoreIsALoopToo) {
    EXPECT_EQ(threads_for(0.25), 1U);
    EXPECT_EQ(threads_for(1), 1U);
    EXPECT_EQ(threads_for(1.5), 2U);
    EXPECT_EQ(threads_for(64), 64U);
}

TEST(Settings, ASizeMayHaveAUnit) {
    auto const made = [](const char* text) {
        return configure({.environment = {{"BRIO_LIMIT_WORKER_MEMORY", text}}});
    };
    EXPECT_EQ(made("512MiB").values.worker_memory, 512ULL << 20);
    EXPECT_EQ(made("2GiB").values.worker_memory, 2ULL << 30);
    EXPECT_EQ(made("4096").values.worker_memory, 4096U);
    EXPECT_EQ(line_of(made("536870912"), "BRIO_LIMIT_WORKER_MEMORY").value, "512MiB");
    for (auto const* wrong : {"", "MiB", "1.5GiB", "512MB", "-1", "99999999999GiB"}) {
        EXPECT_THAT(made(wrong).errors, ElementsAre(HasSubstr("as 512MiB"))) << wrong;
    }
}

TEST(Settings, AnotherPlaceForResultsThanTheBrokerIsWarnedOf) {
    auto const warnings = [](std::vector<NamedText> environment) {
        return configure({.environment = std::move(environment)}).warnings;
    };
    EXPECT_THAT(warnings({{"CELERY_BROKER_URL", "redis://a/0"}, {"CELERY_RESULT_BACKEND", "redis://:s@a/1"}}),
                ElementsAre("CELERY_RESULT_BACKEND is of no effect: results are kept where the tasks are, at "
                            "BROKER_URL"));
    EXPECT_THAT(warnings({{"RESULT_BACKEND", "redis://a"}}), ElementsAre(HasSubstr("in the database")));
    EXPECT_THAT(warnings({{"BROKER_URL", "redis://a"}, {"RESULT_BACKEND", "redis://a"}}), IsEmpty());
    EXPECT_THAT(warnings({{"BROKER_URL", "amqp://a"}, {"RESULT_BACKEND", "rpc://"}}), IsEmpty());
    EXPECT_THAT(warnings({{"BROKER_URL", "amqp://a"}, {"RESULT_BACKEND", "redis://a"}}),
                ElementsAre(HasSubstr("in the database")));
}

TEST(Settings, AlarmsGoToAUrlThatCanBeAsked) {
    auto const errors = [](const char* url) {
        return configure({.environment = {{"BRIO_ALERT_URL", url}}}).errors;
    };
    EXPECT_THAT(errors("https://alarms.example/hook?key=1"), IsEmpty());
    EXPECT_THAT(errors(""), IsEmpty());
    EXPECT_THAT(errors("alarms.example/hook"), ElementsAre(HasSubstr("BRIO_ALERT_URL cannot be used")));
}

TEST(Settings, ACollectorOfTracesHasAUrlThatIsNoSecret) {
    auto const errors = [](const char* url) {
        return configure({.environment = {{"OTEL_EXPORTER_OTLP_ENDPOINT", url}}}).errors;
    };
    EXPECT_THAT(errors("https://traces.example/otlp/"), IsEmpty());
    EXPECT_THAT(errors(""), IsEmpty());
    EXPECT_THAT(errors("traces.example:4318"), ElementsAre(HasSubstr("OTLP_ENDPOINT cannot be used")));
    EXPECT_THAT(errors("https://me:secret@traces.example"), ElementsAre(Not(HasSubstr("secret"))));
    EXPECT_THAT(errors("https://traces.example?key=secret"),
                ElementsAre(AllOf(HasSubstr("OTLP_HEADERS"), Not(HasSubstr("secret")))));
}

TEST(Settings, ABrokerIsARedisOrARabbitMq) {
    auto const errors = [](const char* url) {
        return configure({.environment = {{"BROKER_URL", url}}}).errors;
    };
    EXPECT_THAT(errors("amqp://shop:pw@mq:5673/shop"), IsEmpty());
    EXPECT_THAT(errors("amqp://mq:port"), ElementsAre(HasSubstr("port 'port'")));
    EXPECT_THAT(errors("amqps://mq"), ElementsAre(HasSubstr("TLS")));
    EXPECT_THAT(errors("kafka://mq"), ElementsAre(AllOf(HasSubstr("redis://"), HasSubstr("amqp://"))));
}

TEST(Settings, WhatKubernetesSaysOfAServiceCalledRedisIsNoSetting) {
    auto const made = configure({.environment = {{"REDIS_PORT", "tcp://10.0.0.1:6379"}}});
    EXPECT_THAT(made.errors, IsEmpty());
    EXPECT_THAT(made.warnings, IsEmpty());
}

}  // namespace
}  // namespace brio::app
