// Any text as a cron expression: it is refused with a reason, or fires later than asked, on a full minute,
// and as often as the next look finds it.
#include <cstdint>
#include <cstdlib>

#include <brio/tasks/cron.hpp>

namespace {

using namespace brio;
using namespace brio::tasks;

void check(bool holds) {
    if (!holds) {
        std::abort();
    }
}

const TimeZone& zone() {
    static const TimeZone found = TimeZone::named("Europe/Berlin").value_or(TimeZone());
    return found;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto cron = Cron::parse({reinterpret_cast<const char*>(data), size});
    if (!cron) {
        check(!cron.error().empty());
        return 0;
    }
    Timestamp at(1'774'742'400'000'000);  // 2026-03-29T00:00:00Z, an hour before clocks are put forward
    for (int i = 0; i < 10; ++i) {
        const auto next = cron->next(at, zone());
        if (!next) {
            break;
        }
        check(*next > at && next->microseconds % 60'000'000 == 0);
        check(cron->next(Timestamp(next->microseconds - 1), zone()) == next);
        at = *next;
    }
    return 0;
}
