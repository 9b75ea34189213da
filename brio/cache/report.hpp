// What the cache says of itself: what it has saved where, what it holds, and one entry in full. Plain data,
// for whoever shows it.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <brio/cache/caches.hpp>

namespace brio::cache {

/// A route or a kind of query since the process began.
struct SubjectReport {
    std::string type;  // "response", "query"
    std::string name;
    std::uint64_t hits = 0;  // fresh ones
    std::uint64_t stale = 0;
    std::uint64_t misses = 0;
    std::uint64_t bypassed = 0;
    double hit_ratio = 0;        // hits, stale ones too, of those and misses
    double rebuild_seconds = 0;  // what making anew takes on average
    double saved_seconds = 0;
    std::uint64_t saved_statements = 0;
    std::map<std::string, std::uint64_t> fills;  // what was made, by what became of it
    std::uint64_t entries = 0;
    std::uint64_t bytes = 0;
};

struct EntryReport {
    std::string id;    // what /api/cache/{id} takes: the key's hash
    std::string name;  // of its subject
    std::string key;   // for people
    std::string kind;  // "answer", "problem", "pass" (not to be shared), "value"
    std::uint64_t hits = 0;
    std::uint64_t bytes = 0;
    double age_seconds = 0;
    double fresh_seconds = 0;  // that are left; negative once it is stale
    bool is_unmoved = true;    // no table that it was made from has been written to
    std::vector<std::string> tables;
    std::vector<std::string> tags;
    double rebuild_seconds = 0;
    std::uint32_t statements = 0;
};

struct CacheReport {
    bool is_on = false;
    std::uint64_t entries = 0;
    std::uint64_t bytes = 0;
    std::uint64_t most_bytes = 0;
    std::map<std::string, std::uint64_t> removed;  // by cause
    std::uint64_t waiting = 0;                     // requests that wait for what another one makes
    std::vector<SubjectReport> subjects;           // those that saved most first
    std::vector<EntryReport> top;                  // the most asked for first
};

/// An answer as it is kept.
struct EntryBody {
    int status = 0;
    std::string content_type;
    std::string etag;
    std::string fields;
    std::map<std::string, std::uint64_t> codings;  // bytes of each that was made
    std::string body;                              // up to 64 KiB of it
};
struct EntryDetails {
    EntryReport entry;
    std::optional<EntryBody> answer;
};

/// Cost: a look at every entry. `now` is monotonic.
CacheReport report(Caches& caches, std::size_t most_entries, std::chrono::nanoseconds now);
std::optional<EntryDetails> details(Caches& caches, std::string_view id, std::chrono::nanoseconds now);
/// False when there is no such entry.
bool drop_entry(Caches& caches, std::string_view id);

}  // namespace brio::cache
