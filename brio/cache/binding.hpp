// What a kept result was computed from: the tables that its statements read, each at a generation. The result
// is good while every one of them is settled and unmoved, and what tells of other processes' commits is
// heard.
//
// Immutable once made; any thread.
#pragma once
#include <chrono>
#include <string_view>
#include <vector>

#include <brio/ledger/dependencies.hpp>

namespace brio::cache {

class Binding {
public:
    using Entry = ledger::Dependencies::Entry;

    /// Of nothing: holds for ever.
    Binding() = default;
    explicit Binding(const ledger::Dependencies& read) : entries_(read.begin(), read.end()) {}
    explicit Binding(std::vector<Entry> entries) noexcept : entries_(std::move(entries)) {}

    /// `now` is monotonic. Cost: two loads a table.
    bool holds(std::chrono::nanoseconds now) const noexcept;
    /// A result that is computed from this one depends on the same.
    void note(ledger::Dependencies& outer) const noexcept {
        for (const Entry& entry : entries_) {
            outer.read(entry, true);
        }
    }

    bool empty() const noexcept { return entries_.empty(); }
    const std::vector<Entry>& entries() const noexcept { return entries_; }
    std::size_t heap_bytes() const noexcept { return entries_.capacity() * sizeof(Entry); }

private:
    std::vector<Entry> entries_;
};

}  // namespace brio::cache
