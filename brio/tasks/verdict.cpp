#include <brio/tasks/verdict.hpp>

#include <cxxabi.h>

#include <cstdlib>
#include <memory>
#include <typeinfo>

#include <brio/runtime/work.hpp>
#include <brio/tasks/backoff.hpp>

namespace brio::tasks {

namespace {

constexpr std::size_t longest_words = 4'000;

std::string name_of_type(const std::type_info& type) {
    int status = 0;
    const std::unique_ptr<char, void (*)(void*)> name(
        abi::__cxa_demangle(type.name(), nullptr, nullptr, &status), &std::free);
    return status == 0 ? std::string(name.get()) : std::string(type.name());
}

}  // namespace

Failure failure_of_current(const Policy& policy) {
    try {
        throw;
    } catch (const runtime::Cancelled& cancelled) {
        const bool is_late = cancelled.reason() == runtime::StopReason::deadline;
        return {.type = is_late ? "deadline" : "cancelled", .words = cancelled.what()};
    } catch (const Permanent& error) {
        return {.type = name_of_type(typeid(error)), .words = error.what(), .is_permanent = true};
    } catch (const std::exception& error) {
        return {.type = name_of_type(typeid(error)),
                .words = std::string(error.what()).substr(0, longest_words),
                .is_permanent = policy.is_permanent != nullptr && policy.is_permanent(error)};
    } catch (...) {
        return {.type = "unknown", .words = "something that is no std::exception was thrown"};
    }
}

Settlement settle_failure(const Tried& tried, Failure failure) {
    Settlement settlement{.outcome = Settlement::Outcome::failed,
                          .error = std::move(failure.words),
                          .error_type = std::move(failure.type),
                          .keeps_result = tried.policy.keeps_result && !tried.message.ignores_result,
                          .result_lasts = tried.policy.result_lasts};
    if (!failure.is_permanent && tried.message.failures < tried.policy.retries) {
        settlement.outcome = Settlement::Outcome::retried;
        const std::chrono::microseconds delay =
            next_delay(tried.policy.backoff, tried.message.failures + 1, tried.chance);
        settlement.due = Timestamp(tried.now.microseconds + delay.count());
    }
    return settlement;
}

}  // namespace brio::tasks
