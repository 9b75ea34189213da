// What runs in this process, in memory that a signal handler can read: a fixed table, each line set or not.
#pragma once
#include <pthread.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace brio::tasks {

class RunningNotes {
public:
    struct Note {
        std::atomic<bool> is_set{false};
        pthread_t thread{};
        std::uint64_t fence = 0;
        std::size_t id_size = 0;
        std::size_t name_size = 0;
        std::array<char, 200> id{};
        std::array<char, 120> name{};

        std::string_view id_text() const noexcept { return {id.data(), id_size}; }
        std::string_view name_text() const noexcept { return {name.data(), name_size}; }
    };

    explicit RunningNotes(std::size_t most) : notes_(most) {
        for (std::size_t i = most; i > 0; --i) {
            free_.push_back(i - 1);
        }
    }

    /// Of the calling thread. None when the table is full or the id is no word that fits: it is not told of.
    std::optional<std::size_t> add(std::string_view id, std::string_view name, std::uint64_t fence) {
        constexpr auto is_space = [](char c) { return static_cast<unsigned char>(c) <= ' '; };
        if (free_.empty() || id.empty() || id.size() > Note().id.size() ||
            std::ranges::any_of(id, is_space)) {
            return std::nullopt;
        }
        const auto place = free_.back();
        free_.pop_back();
        Note& note = notes_[place];
        note.thread = ::pthread_self();
        note.fence = fence;
        note.id_size = id.copy(note.id.data(), note.id.size());
        note.name_size = name.copy(note.name.data(), note.name.size());
        std::replace_if(note.name.begin(), note.name.begin() + note.name_size, is_space, '_');
        note.is_set.store(true, std::memory_order_release);
        return place;
    }
    void remove(std::size_t place) {
        notes_[place].is_set.store(false, std::memory_order_release);
        free_.push_back(place);
    }

    /// Calls `visit` with each that is set. Safe in a signal handler.
    template <class Visit>
    void each(Visit visit) const noexcept {
        for (const Note& note : notes_) {
            if (note.is_set.load(std::memory_order_acquire)) {
                visit(note);
            }
        }
    }

private:
    std::vector<Note> notes_;
    std::vector<std::size_t> free_;
};

}  // namespace brio::tasks
