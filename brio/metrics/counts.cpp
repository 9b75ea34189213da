#include <brio/metrics/counts.hpp>

#include <brio/metrics/detail/family_state.hpp>

#include <algorithm>
#include <cstring>

namespace brio::metrics {

namespace {

// A message is the fingerprint of the edges and then series: form, name, help, label names, most_series,
// hide_unused, label values, and pairs of a cell's place in its series and what it grew by. Numbers are as
// the machine has them: both ends are processes of one program.

template <class Number>
void put(std::string& out, Number number) {
    char bytes[sizeof number];
    std::memcpy(bytes, &number, sizeof number);
    out.append(bytes, sizeof number);
}
void put_text(std::string& out, std::string_view text) {
    put(out, static_cast<std::uint32_t>(text.size()));
    out += text;
}
void put_texts(std::string& out, const std::vector<std::string>& texts) {
    put(out, static_cast<std::uint32_t>(texts.size()));
    for (const std::string& each : texts) {
        put_text(out, each);
    }
}

/// Takes the parts of a message; from the first that is not there on, everything is empty.
class Parts {
public:
    explicit Parts(std::string_view message) noexcept : left_(message) {}
    bool has_more() const noexcept { return !left_.empty(); }
    bool is_whole() const noexcept { return is_whole_; }

    template <class Number>
    Number number() noexcept {
        Number number{};
        if (const auto bytes = take(sizeof number); bytes.size() == sizeof number) {
            std::memcpy(&number, bytes.data(), sizeof number);
        }
        return number;
    }
    std::string_view text() noexcept { return take(number<std::uint32_t>()); }
    std::vector<std::string_view> texts() {
        std::vector<std::string_view> texts;
        for (auto left = number<std::uint32_t>(); left > 0 && is_whole_; --left) {
            texts.push_back(text());
        }
        return texts;
    }

private:
    std::string_view take(std::size_t size) noexcept {
        if (size > left_.size()) {
            is_whole_ = false;
            left_ = {};
            return {};
        }
        const auto taken = left_.substr(0, size);
        left_.remove_prefix(size);
        return taken;
    }
    std::string_view left_;
    bool is_whole_ = true;
};

std::uint64_t fingerprint(const Edges& edges) noexcept {
    std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a, by numbers
    for (const std::uint64_t edge : edges.nanoseconds()) {
        hash = (hash ^ edge) * 0x100000001b3;
    }
    return hash;
}

}  // namespace

void CountSender::send(const std::function<bool(std::string_view)>& send) {
    std::string message;
    std::string grown;
    const auto begin = [&] {
        message.clear();
        put(message, fingerprint(registry_.edges_));
        now_.clear();
    };
    const auto deliver = [&] {
        if (now_.empty()) {
            return true;
        }
        if (!send(message)) {
            return false;
        }
        for (const auto& [cell, total] : now_) {
            told_[cell] = total;
        }
        begin();
        return true;
    };
    begin();
    const std::lock_guard lock(registry_.mutex_);
    told_.resize(registry_.next_cell_);
    for (const auto& family : registry_.families_) {
        if (family->kind == Kind::gauge) {
            continue;
        }
        const auto cells = registry_.counted_cells(*family);
        for (const detail::Series& series : family->series) {
            grown.clear();
            for (std::uint32_t i = 0; i < cells; ++i) {
                const auto cell = series.cell + i;
                std::uint64_t total = 0;
                for (const auto& shard : registry_.shards_) {
                    total += shard->cell(cell).load(std::memory_order_relaxed);
                }
                if (total != told_[cell]) {
                    put(grown, static_cast<std::uint32_t>(i));
                    put(grown, total - told_[cell]);
                    now_.emplace_back(cell, total);
                }
            }
            if (grown.empty()) {
                continue;
            }
            put(message, family->form);
            put_text(message, family->spec.name);
            put_text(message, family->spec.help);
            put_texts(message, family->spec.labels);
            put(message, family->spec.most_series);
            put(message, static_cast<std::uint8_t>(family->spec.hide_unused));
            put_texts(message, series.values);
            put_text(message, grown);
            if (message.size() >= most_message && !deliver()) {
                return;
            }
        }
    }
    deliver();
}

bool CountReceiver::add(std::string_view message) {
    Parts parts(message);
    if (parts.number<std::uint64_t>() != fingerprint(registry_.edges())) {
        return false;
    }
    while (parts.has_more()) {
        const auto form = parts.number<std::uint8_t>();
        FamilySpec spec{.name = std::string(parts.text()), .help = std::string(parts.text())};
        for (const std::string_view label : parts.texts()) {
            spec.labels.emplace_back(label);
        }
        spec.most_series = parts.number<std::uint32_t>();
        spec.hide_unused = parts.number<std::uint8_t>() != 0;
        const auto values = parts.texts();
        Parts grown(parts.text());
        auto* family = parts.is_whole() ? registry_.family_of_other(std::move(spec), form) : nullptr;
        if (family == nullptr || values.size() != family->spec.labels.size()) {
            return false;
        }
        const auto first = registry_.series(*family, values);
        while (grown.has_more()) {
            const auto place = grown.number<std::uint32_t>();
            const auto amount = grown.number<std::uint64_t>();
            if (!grown.is_whole() || place >= registry_.counted_cells(*family)) {
                return false;
            }
            if (first != 0) {
                registry_.shared().add(first + place, amount);
            }
        }
    }
    return parts.is_whole();
}

}  // namespace brio::metrics
