#include <brio/app/farewells.hpp>

#include <unistd.h>

#include <filesystem>

#include <brio/base/log.hpp>
#include <brio/base/text.hpp>
#include <brio/runtime/awaitables.hpp>
#include <brio/runtime/errors.hpp>

namespace brio::app {
namespace {

constexpr std::chrono::seconds tell_every{1};

}  // namespace

std::string farewell_folder(const Program& program, const tasks::Broker& broker) {
    auto const place = concat({broker.words(), "\n", std::filesystem::current_path().native()});
    return concat({std::filesystem::temp_directory_path().native(), "/brio-", integer_text(::geteuid()), "-",
                   program.name, "-", integer_text(std::hash<std::string>()(place))});
}

Async<void> tell_farewells(tasks::Broker& broker, std::vector<tasks::Farewell> all) {
    for (auto const& each : all) {
        log_warning("a worker process of before has died",
                    {{"how", each.words.substr(0, each.words.find('\n'))}, {"tasks", each.tasks.size()}});
        for (bool is_over = false; !is_over;) {
            try {
                co_await broker.tell_death(each.tasks, each.words);
                is_over = true;
            } catch (const runtime::Unavailable&) {  // the beats say it
            } catch (const runtime::Cancelled&) {
                throw;
            } catch (const std::exception& error) {
                log_error("the broker does not take how a worker has died", {{"error", error.what()}});
                is_over = true;
            }
            if (!is_over) {
                co_await runtime::sleep_for(tell_every);
            }
        }
        tasks::forget(each);
    }
}

}  // namespace brio::app
