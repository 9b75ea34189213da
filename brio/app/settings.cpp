#include <brio/app/settings.hpp>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include <unistd.h>

#include <brio/app/detail/setting_table.hpp>
#include <brio/app/listeners.hpp>
#include <brio/app/span_exporter.hpp>
#include <brio/base/text.hpp>
#include <brio/db/database.hpp>
#include <brio/http/address.hpp>
#include <brio/http/client_url.hpp>
#include <brio/metrics/process.hpp>
#include <brio/redis/url.hpp>
#include <brio/tasks/amqp_url.hpp>

namespace brio::app {
namespace {

std::vector<std::string> setting_names() {
    std::vector<std::string> names;
    for (auto const& setting : detail::setting_table()) {
        names.push_back(setting.name);
    }
    return names;
}

std::string unknown(std::string_view name, Origin origin) {
    auto const near = detail::nearest_name(name, setting_names());
    return concat(
        {name, " (", words_of(origin), ") is no setting; ",
         near.empty() ? std::string("`config` lists them all") : concat({"did you mean ", near, "?"})});
}

// Tools around a program have variables of this prefix too: only what was probably meant as a setting is
// worth a word.
bool looks_meant(std::string_view variable) {
    for (std::string_view const family : {"BRIO_LIMIT_", "BRIO_GOAL_", "BRIO_DEADLINE_"}) {
        if (variable.starts_with(family)) {
            return true;
        }
    }
    return variable.starts_with("BRIO_") && !detail::nearest_name(variable, setting_names()).empty();
}

void take(Configuration& into, Origin origin, const NamedText& given) {
    auto const& table = detail::setting_table();
    auto const* setting = detail::find_setting(given.first);
    if (setting == nullptr) {
        into.errors.push_back(unknown(given.first, origin));
    } else if (!setting->read(into.values, given.second)) {
        auto const shown =
            setting->secret ? std::string("(hidden)") : concat({"\"", valid_utf8(given.second), "\""});
        into.errors.push_back(concat({setting->name, " (", words_of(origin), ") is ", shown, ", but may be ",
                                      setting->may_be, ": ", setting->help}));
    } else {
        into.lines[static_cast<std::size_t>(setting - table.data())].origin = origin;
    }
}

/// `scheme://user:password@host` without what nobody should read over a shoulder.
std::string without_password(std::string url) {
    auto const scheme = url.find("://");
    auto const at = url.rfind('@', scheme == url.npos ? scheme : url.find('/', scheme + 3));
    if (scheme == url.npos || at == url.npos || at < scheme) {
        return url;
    }
    auto const colon = url.find(':', scheme + 3);
    return colon < at ? url.replace(colon + 1, at - colon - 1, "***") : url;
}

// Kubernetes tells each container of a service that is called "redis" by a variable of this name, which is
// not meant for the program.
bool is_of_kubernetes(const NamedText& variable) {
    return variable.first == "REDIS_PORT" && variable.second.starts_with("tcp://");
}

Origin& origin_of(Configuration& made, std::string_view name) {
    return std::ranges::find(made.lines, name, &SettingLine::name)->origin;
}

// REDIS_HOST, REDIS_PORT and REDIS_DB become REDIS_URL, unless that is given.
void join_redis_url(Configuration& into) {
    auto& values = into.values;
    for (std::string_view const alias : {"REDIS_HOST", "REDIS_PORT", "REDIS_DB"}) {
        if (origin_of(into, alias) == Origin::program) {
            continue;
        }
        if (!values.redis_url.empty()) {
            into.warnings.push_back(concat({alias, " is of no effect: REDIS_URL is given too, and says it"}));
        } else if (values.redis_host.empty()) {
            into.warnings.push_back(
                concat({alias, " is of no effect without REDIS_HOST: the cache stays in each process"}));
        }
    }
    if (values.redis_url.empty() && !values.redis_host.empty()) {
        auto const is_v6 = values.redis_host.find(':') != std::string::npos;
        values.redis_url = concat({"redis://", is_v6 ? "[" : "", values.redis_host, is_v6 ? "]:" : ":",
                                   integer_text(values.redis_port), "/", integer_text(values.redis_db)});
        origin_of(into, "REDIS_URL") = origin_of(into, "REDIS_HOST");
    }
    if (!values.redis_url.empty()) {
        if (auto const address = redis::parse_url(values.redis_url); !address) {
            into.errors.push_back(concat({"REDIS_URL cannot be used: ", address.error()}));
        }
    }
}

std::string error_of_broker_url(std::string_view url) {
    if (tasks::is_amqp(url)) {
        auto const address = tasks::parse_amqp_url(url);
        return address ? "" : address.error();
    }
    auto const address = redis::parse_url(url);
    return address ? "" : concat({address.error(), ", or amqp://[user[:password]@]host[:port][/vhost]"});
}

// CELERY_BROKER_URL is BROKER_URL, unless that is given.
void join_broker_url(Configuration& into) {
    auto& values = into.values;
    if (!values.celery_broker_url.empty() && !values.broker_url.empty()) {
        into.warnings.push_back("CELERY_BROKER_URL is of no effect: BROKER_URL is given too");
    } else if (!values.celery_broker_url.empty()) {
        values.broker_url = values.celery_broker_url;
        origin_of(into, "BROKER_URL") = origin_of(into, "CELERY_BROKER_URL");
    }
    if (!values.broker_url.empty()) {
        auto const error = error_of_broker_url(values.broker_url);
        if (!error.empty()) {
            into.errors.push_back(concat({"BROKER_URL cannot be used: ", error}));
        }
    }
}

// The guide's names of where results go, whoever else reads this environment.
void warn_of_result_backend(Configuration& into, const std::vector<NamedText>& environment) {
    auto const& broker = into.values.broker_url;
    for (auto const& [name, value] : environment) {
        auto const is_one = name == "RESULT_BACKEND" || name == "CELERY_RESULT_BACKEND";
        auto const is_in_database = broker.empty() || tasks::is_amqp(broker);
        // With RabbitMQ, results of what Python pushes go where its messages say: rpc:// says it.
        auto const is_where_they_go = tasks::is_amqp(broker) ? value.starts_with("rpc") : value == broker;
        if (is_one && !value.empty() && !is_where_they_go) {
            into.warnings.push_back(concat({name, " is of no effect: results are kept where the tasks are, ",
                                            is_in_database ? "in the database" : "at BROKER_URL"}));
        }
    }
}

// What is of no use without TLS, and ports that are of two things.
void check_tls(Configuration& into) {
    auto const& values = into.values;
    for (auto const& [name, is_given] :
         {std::pair("BRIO_TLS_KEY", !values.tls.key.empty()),
          std::pair("BRIO_TLS_CLIENT_CA", !values.tls.client_authorities.empty()),
          std::pair("BRIO_REDIRECT_PORT", values.redirect_port != 0),
          std::pair("BRIO_HSTS_SECONDS", values.strict_time.count() != 0)}) {
        if (is_given && !values.has_tls()) {
            into.errors.push_back(concat(
                {name, " is given without BRIO_TLS_CERTIFICATE: the API's port would speak plain HTTP"}));
        }
    }
    for (auto const& [name, port, host] :
         {std::tuple("BRIO_PORT", values.port, values.host),
          std::tuple("BRIO_ADMIN_PORT", values.admin_port, values.admin_host)}) {
        if (values.redirect_port != 0 && values.redirect_port == port && values.host == host) {
            into.errors.push_back(concat({"BRIO_REDIRECT_PORT and ", name, " are both ", integer_text(port),
                                          ": give one of them another port"}));
        }
    }
}

// What each value may be by itself is known; this is what they must be together.
void check_together(Configuration& into) {
    auto const& values = into.values;
    for (auto& problem : problems(values.goals)) {
        into.errors.push_back(std::move(problem));
    }
    if (!is_loopback(values.admin_host) && values.admin_port != 0 && values.admin_token.empty()) {
        into.errors.push_back(concat({"BRIO_ADMIN_HOST is ", values.admin_host,
                                      ", which others can reach: set "
                                      "BRIO_ADMIN_TOKEN, which the admin pages will then ask for"}));
    }
    if (auto const networks = http::parse_networks(values.trusted_proxies); !networks) {
        into.errors.push_back(concat({"BRIO_TRUSTED_PROXIES cannot be used: \"", networks.error(),
                                      "\" is no address and no network, as 10.0.0.0/8"}));
    }
    check_tls(into);
    if (auto const url = http::parse_client_url(values.alert_url); !values.alert_url.empty() && !url) {
        into.errors.push_back(concat({"BRIO_ALERT_URL cannot be used: ", url.error()}));
    }
    if (auto const url = http::parse_client_url(values.otlp_url); !values.otlp_url.empty() && !url) {
        into.errors.push_back(concat({"OTEL_EXPORTER_OTLP_ENDPOINT cannot be used: ", url.error()}));
    } else if (url && url->target.contains('?')) {
        into.errors.emplace_back(
            "OTEL_EXPORTER_OTLP_ENDPOINT cannot be used: it has a query; keys belong in "
            "OTEL_EXPORTER_OTLP_HEADERS");
    }
    if (!parse_otlp_headers(values.otlp_headers)) {
        into.errors.emplace_back(
            "OTEL_EXPORTER_OTLP_HEADERS cannot be used: it must be name=value,name=value, with values in "
            "percent-encoding");
    }
    if (!values.database_url.empty()) {
        try {
            db::check_url(values.database_url);
        } catch (const std::invalid_argument& wrong) {
            into.errors.emplace_back(wrong.what());
        }
    }
    if (values.workers_least == 0 && values.workers_most > 0) {
        into.errors.push_back(concat({"BRIO_WORKERS is 0..", integer_text(values.workers_most),
                                      ": the least is 1, since workers see what waits; 0 alone is none"}));
    }
    if (values.worker_kept >= values.worker_least) {
        into.errors.push_back(concat({"BRIO_WORKER_KEPT is ", integer_text(values.worker_kept), " of ",
                                      integer_text(values.worker_least),
                                      " tasks at a time: it must leave one for the other queues"}));
    }
    if (values.port != 0 && values.port == values.admin_port && values.host == values.admin_host) {
        into.errors.push_back(concat({"BRIO_PORT and BRIO_ADMIN_PORT are both ", integer_text(values.port),
                                      ": give one of them another port"}));
    }
}

}  // namespace

std::uint32_t threads_for(double cores) noexcept {
    return static_cast<std::uint32_t>(std::max(1.0, std::ceil(cores)));
}

std::uint32_t Settings::thread_count() const {
    return threads != 0 ? threads : threads_for(metrics::read_process_usage().cores);
}

std::string_view words_of(Origin origin) noexcept {
    switch (origin) {
        case Origin::program: return "default";
        case Origin::file: return "brio.toml";
        case Origin::environment: return "environment";
        case Origin::command_line: return "command line";
    }
    return "";
}

Configuration configure(const Sources& sources) {
    Configuration made{.values = sources.defaults};
    for (auto const& setting : detail::setting_table()) {
        made.lines.push_back({.name = setting.name, .help = setting.help, .may_be = setting.may_be});
    }
    if (sources.file) {
        auto const file = detail::read_file_text(*sources.file);
        if (!file.error.empty()) {
            made.errors.push_back(file.error);
        }
        for (auto const& entry : file.entries) {
            take(made, Origin::file, entry);
        }
    }
    for (auto const& variable : sources.environment) {
        if (is_of_kubernetes(variable)) {
            continue;
        }
        if (detail::find_setting(variable.first) != nullptr) {
            take(made, Origin::environment, variable);
        } else if (looks_meant(variable.first)) {
            made.warnings.push_back(unknown(variable.first, Origin::environment));
        }
    }
    for (auto const& option : sources.command_line) {
        take(made, Origin::command_line, option);
    }
    join_redis_url(made);
    join_broker_url(made);
    warn_of_result_backend(made, sources.environment);
    check_together(made);
    for (std::size_t i = 0; i < made.lines.size(); ++i) {
        auto const& setting = detail::setting_table()[i];
        auto text = setting.text(made.values);
        made.lines[i].value = setting.secret && !text.empty() ? "(set)" : without_password(std::move(text));
    }
    return made;
}

Sources sources_of_process(Settings defaults, std::vector<NamedText> command_line) {
    Sources sources{.defaults = std::move(defaults), .command_line = std::move(command_line)};
    for (char** each = environ; each != nullptr && *each != nullptr; ++each) {
        std::string_view const variable = *each;
        auto const equals = variable.find('=');
        if (equals != std::string_view::npos) {
            sources.environment.emplace_back(variable.substr(0, equals), variable.substr(equals + 1));
        }
    }
    std::ifstream file("brio.toml", std::ios::binary);
    if (file) {
        sources.file.emplace(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    } else if (errno != ENOENT) {
        throw std::runtime_error(concat({"cannot read brio.toml: ", std::strerror(errno)}));
    }
    return sources;
}

}  // namespace brio::app
