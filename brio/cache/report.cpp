#include <brio/cache/report.hpp>

#include <algorithm>

#include <brio/cache/answer_item.hpp>
#include <brio/cache/key_text.hpp>
#include <brio/cache/shared_answers.hpp>

namespace brio::cache {

namespace {

constexpr std::size_t most_body = 64 * 1024;

double seconds(std::chrono::nanoseconds time) { return std::chrono::duration<double>(time).count(); }

std::string kind_of(const Item& item) {
    const auto* answer = dynamic_cast<const AnswerItem*>(&item);
    return answer == nullptr ? "value" : answer->passes() ? "pass" : answer->problem ? "problem" : "answer";
}

EntryReport entry_of(const Item& item, std::chrono::nanoseconds now) {
    EntryReport entry{.id = hash_of_key(item.key).text(),
                      .name = std::string(item.label),
                      .key = key_text(item.key),
                      .kind = kind_of(item),
                      .hits = item.hits.load(std::memory_order_relaxed),
                      .bytes = item.bytes,
                      .age_seconds = seconds(now - item.made),
                      .fresh_seconds = seconds(item.fresh_until - now),
                      .is_unmoved = item.binding.holds(now),
                      .tags = item.tags,
                      .rebuild_seconds = seconds(item.rebuild),
                      .statements = item.statements};
    for (const auto& table : item.binding.entries()) {
        entry.tables.emplace_back(table.name);
    }
    return entry;
}

/// What the metrics' families have counted, by the type and name that are their first labels.
class Counted {
public:
    explicit Counted(Caches& caches) {
        caches.each_subject([this](const Subject& subject) {
            auto& line = lines_[{std::string(name_of(subject.type())), subject.name()}];
            line.type = name_of(subject.type());
            line.name = subject.name();
        });
        caches.registry().visit([this](const metrics::FamilyView& family) { take(family); });
    }
    SubjectReport* find(std::string_view type, std::string_view name) {
        const auto found = lines_.find({std::string(type), std::string(name)});
        return found == lines_.end() ? nullptr : &found->second;
    }
    std::vector<SubjectReport> sorted() {
        std::vector<SubjectReport> all;
        for (auto& [key, line] : lines_) {
            const auto given = line.hits + line.stale;
            const auto asked = given + line.misses;
            line.hit_ratio = asked == 0 ? 0 : static_cast<double>(given) / static_cast<double>(asked);
            all.push_back(std::move(line));
        }
        std::ranges::stable_sort(all, std::greater(), &SubjectReport::saved_seconds);
        return all;
    }

private:
    void take(const metrics::FamilyView& family) {
        const auto& name = family.spec.name;
        if (!name.starts_with("cache_") || family.spec.labels.size() < 2) {
            return;
        }
        for (const auto& series : family.series) {
            auto* line = find(series.values[0], series.values[1]);
            if (line != nullptr) {
                take(*line, name, series);
            }
        }
    }
    static void take(SubjectReport& line, std::string_view name, const metrics::SeriesView& series) {
        const auto count = static_cast<std::uint64_t>(series.value);
        const double sum = static_cast<double>(series.sum_ns) / 1e9;
        if (name == "cache_results_total") {
            const auto& result = series.values[2];
            (result == "hit"     ? line.hits
             : result == "stale" ? line.stale
             : result == "miss"  ? line.misses
                                 : line.bypassed) = count;
        } else if (name == "cache_fills_total") {
            line.fills[series.values[2]] = count;
        } else if (name == "cache_rebuild_seconds") {
            line.rebuild_seconds = series.count == 0 ? 0 : sum / static_cast<double>(series.count);
        } else if (name == "cache_saved_seconds") {
            line.saved_seconds = sum;
        } else if (name == "cache_saved_statements_total") {
            line.saved_statements = count;
        }
    }
    std::map<std::pair<std::string, std::string>, SubjectReport> lines_;
};

/// The items that were asked for most, of all that pass by.
class Top {
public:
    Top(std::size_t most, std::chrono::nanoseconds now) : most_(most), now_(now) {}
    void see(const Item& item) {
        const auto hits = item.hits.load(std::memory_order_relaxed);
        if (most_ == 0 || (entries_.size() == most_ && hits <= entries_.front().hits)) {
            return;
        }
        if (entries_.size() == most_) {
            std::ranges::pop_heap(entries_, std::greater(), &EntryReport::hits);
            entries_.pop_back();
        }
        entries_.push_back(entry_of(item, now_));
        std::ranges::push_heap(entries_, std::greater(), &EntryReport::hits);
    }
    std::vector<EntryReport> sorted() {
        std::ranges::sort(entries_, std::greater(), &EntryReport::hits);
        return std::move(entries_);
    }

private:
    const std::size_t most_;
    const std::chrono::nanoseconds now_;
    std::vector<EntryReport> entries_;  // a heap, the least asked for first
};

/// Calls `use` with the item of that id, if there is one.
template <class Use>
bool with_item(Caches& caches, std::string_view id, Use use) {
    bool found = false;
    caches.memory().each([&](const Item& item) {
        if (!found && hash_of_key(item.key).text() == id) {
            found = true;
            use(item);
        }
    });
    return found;
}

}  // namespace

CacheReport report(Caches& caches, std::size_t most_entries, std::chrono::nanoseconds now) {
    const auto counts = caches.memory().counts();
    CacheReport report{.is_on = caches.is_on(),
                       .entries = counts.items,
                       .bytes = counts.bytes,
                       .most_bytes = caches.memory().most_bytes(),
                       .waiting = caches.flights().waiting().used()};
    for (std::size_t i = 0; i < removal_count; ++i) {
        report.removed[std::string(name_of(static_cast<Removal>(i)))] = counts.removed[i];
    }
    Counted counted(caches);
    Top top(most_entries, now);
    caches.memory().each([&](const Item& item) {
        top.see(item);
        const bool is_answer = dynamic_cast<const AnswerItem*>(&item) != nullptr;
        const auto type = is_answer ? CacheType::response : CacheType::query;
        if (auto* line = counted.find(name_of(type), item.label)) {
            ++line->entries;
            line->bytes += item.bytes;
        }
    });
    report.subjects = counted.sorted();
    report.top = top.sorted();
    return report;
}

std::optional<EntryDetails> details(Caches& caches, std::string_view id, std::chrono::nanoseconds now) {
    std::optional<EntryDetails> found;
    with_item(caches, id, [&](const Item& item) {
        found.emplace(entry_of(item, now), std::nullopt);
        const auto* answer = dynamic_cast<const AnswerItem*>(&item);
        if (answer == nullptr || answer->body == nullptr) {
            return;
        }
        auto& body = found->answer.emplace();
        body.status = answer->status;
        body.content_type = answer->content_type;
        body.etag = answer->etag;
        body.fields = answer->fields;
        body.body = answer->body->identity().substr(0, most_body);
        for (std::size_t i = 0; i < http::coding_count; ++i) {
            const auto coding = static_cast<http::Coding>(i);
            if (const auto bytes = answer->body->variant(coding); !bytes.empty()) {
                body.codings[std::string(http::name_of(coding))] = bytes.size();
            }
        }
    });
    return found;
}

bool drop_entry(Caches& caches, std::string_view id) {
    std::string key;
    bool is_answer = false;
    if (!with_item(caches, id, [&](const Item& item) {
            key = item.key;
            is_answer = dynamic_cast<const AnswerItem*>(&item) != nullptr;
        })) {
        return false;
    }
    if (is_answer && caches.remote() != nullptr) {  // before the one here, which is made from it
        caches.remote()->clear(
            {.what = Clearing::What::key, .name = shared_key(*caches.remote(), key).bytes()});
    }
    return caches.drop(KeyView(key)) != 0;
}

}  // namespace brio::cache
