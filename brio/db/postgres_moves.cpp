#include <brio/db/postgres_moves.hpp>

#include <algorithm>
#include <charconv>

#include <brio/base/text.hpp>
#include <brio/sql/generations.hpp>

namespace brio::db::postgres {

namespace {
constexpr std::string_view own_format = "brio1 ";
}

std::size_t generation_of(std::string_view table) noexcept {
    return sql::Generations::class_of(table, generation_count);
}

std::string generation_name(std::size_t number) {
    return concat({"brio_generation_", number < 10 ? "0" : "", integer_text(number)});
}

std::string_view take_word(std::string_view& list) noexcept {
    list.remove_prefix(std::min(list.find_first_not_of(" ,"), list.size()));
    const auto word = list.substr(0, list.find_first_of(" ,"));
    list.remove_prefix(word.size());
    return word;
}

void Commits::merge(Commits& others) {
    tables.merge(others.tables);
    for (const auto& [number, times] : others.moved) {
        moved[number] += times;
    }
}

Moves::Moves(std::string process) : process_(std::move(process)) {}

std::string Moves::payload_of(const Commits& commits) const {
    std::string payload = concat({own_format, process_, " "});
    for (const auto& [number, times] : commits.moved) {
        payload += concat({integer_text(number), ":", integer_text(times), ","});
    }
    payload += " ";
    const std::size_t moves = payload.size();
    for (const std::string& table : commits.tables) {
        payload += concat({" ", table});
    }
    if (payload.size() > most_payload) {
        payload.replace(moves, payload.npos, concat({" ", every_table}));
    }
    return payload;
}

std::vector<std::string> Moves::take(std::string_view payload) {
    const bool is_own_format = payload.starts_with(own_format);
    if (is_own_format) {
        payload.remove_prefix(own_format.size());
        if (take_word(payload) == process_) {
            return {};
        }
    } else if (trim(payload).empty()) {
        return {std::string(every_table)};
    }
    std::vector<std::string> tables;
    for (auto word = take_word(payload); !word.empty(); word = take_word(payload)) {
        const auto colon = is_own_format ? word.find(':') : word.npos;
        if (colon == word.npos) {
            tables.emplace_back(word);
            continue;
        }
        std::size_t number = generation_count;
        std::uint64_t times = 0;
        std::from_chars(word.data(), word.data() + colon, number);
        std::from_chars(word.data() + colon + 1, word.data() + word.size(), times);
        if (number < generation_count) {
            known_[number] += times;
        }
    }
    return tables;
}

std::vector<std::size_t> Moves::look(const Counts& counts) {
    std::vector<std::size_t> untold;
    for (std::size_t i = 0; i < generation_count; ++i) {
        const std::uint64_t unexplained = counts[i] - own_[i].load(std::memory_order_relaxed) - known_[i];
        if (!counts_are_known_) {
            known_[i] += unexplained;
            suspected_[i] = 0;
        } else if (unexplained == 0 || unexplained != suspected_[i]) {
            suspected_[i] = unexplained;
        } else {
            untold.push_back(i);
            known_[i] += unexplained;
            suspected_[i] = 0;
        }
    }
    counts_are_known_ = true;
    return untold;
}

}  // namespace brio::db::postgres
