// A task as the raw programs store it in a database: as large as Brio's.
#pragma once
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>

namespace bench {

/// The wall clock in microseconds.
inline std::int64_t task_now() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

struct TaskRow {
    std::string id;
    std::int64_t pushed_at;
    std::string details;
    std::string kwargs;
};

inline TaskRow new_task(std::int64_t number) {
    const std::int64_t now = task_now();
    const auto milliseconds = static_cast<unsigned long long>(now / 1000);
    char id[40];
    std::snprintf(id, sizeof id, "%08llx-%04llx-7000-8000-%012lld", milliseconds >> 16, milliseconds & 0xffff,
                  static_cast<long long>(number));
    return {
        .id = id, .pushed_at = now, .details = "{}", .kwargs = "{\"number\":" + std::to_string(number) + "}"};
}

}  // namespace bench
