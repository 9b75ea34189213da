#include <brio/tasks/time_zone.hpp>

#include <absl/time/civil_time.h>
#include <absl/time/time.h>

namespace brio::tasks {

struct TimeZone::Zone {
    absl::TimeZone zone;
    std::string name;
};

namespace {

std::chrono::local_seconds local_of(const absl::CivilSecond& civil) {
    return std::chrono::local_seconds(std::chrono::seconds(civil - absl::CivilSecond()));
}
Timestamp moment_of(absl::Time time) { return Timestamp(absl::ToUnixMicros(time)); }

}  // namespace

TimeZone::TimeZone() : zone_(std::make_shared<const Zone>(Zone{absl::UTCTimeZone(), "UTC"})) {}

std::optional<TimeZone> TimeZone::named(std::string_view name) {
    absl::TimeZone found;
    if (name.empty() || !absl::LoadTimeZone(absl::string_view(name.data(), name.size()), &found)) {
        return std::nullopt;
    }
    TimeZone zone;
    zone.zone_ = std::make_shared<const Zone>(Zone{found, std::string(name)});
    return zone;
}

const std::string& TimeZone::name() const noexcept { return zone_->name; }

std::chrono::local_seconds TimeZone::local(Timestamp moment) const {
    return local_of(absl::ToCivilSecond(absl::FromUnixMicros(moment.microseconds), zone_->zone));
}

TimeZone::Moments TimeZone::moments(std::chrono::local_seconds time) const {
    const auto found = zone_->zone.At(absl::CivilSecond() + time.time_since_epoch().count());
    switch (found.kind) {
        case absl::TimeZone::TimeInfo::UNIQUE: break;
        case absl::TimeZone::TimeInfo::SKIPPED: {
            const auto change = moment_of(found.trans);
            return {change, change, change};
        }
        case absl::TimeZone::TimeInfo::REPEATED:
            return {moment_of(found.pre), moment_of(found.post), moment_of(found.trans)};
    }
    const auto only = moment_of(found.pre);
    return {only, only, only};
}

}  // namespace brio::tasks
