#include <brio/db/json_children.hpp>

#include <algorithm>
#include <unordered_map>

#include <brio/db/db.hpp>
#include <brio/ledger/ledger.hpp>

namespace brio::db {

namespace {

/// The children of one splice: their JSON, and which part of it belongs to which key.
struct Loaded {
    JsonRows rows;
    std::unordered_map<std::int64_t, std::string_view> by_key = {};
};

std::vector<std::int64_t> keys_of(const JsonRows& rows, std::size_t number) {
    std::vector<std::int64_t> keys;
    for (const JsonSplice& splice : rows.splices) {
        if (splice.number == number) {
            keys.push_back(splice.key);
        }
    }
    std::ranges::sort(keys);
    keys.erase(std::ranges::unique(keys).begin(), keys.end());
    return keys;
}

/// `part` behind what is there.
void append_rows(JsonRows& all, const JsonRows& part) {
    if (!all.ids.empty() && !part.ids.empty()) {
        all.out.push_back(',');
    }
    const std::size_t base = all.out.size();
    all.out.append(part.out.view());
    all.ids.insert(all.ids.end(), part.ids.begin(), part.ids.end());
    for (const std::size_t end : part.ends) {
        all.ends.push_back(base + end);
    }
    for (JsonSplice splice : part.splices) {
        splice.at += base;
        all.splices.push_back(splice);
    }
}

void divide_by_key(Loaded& loaded) {
    const JsonRows& rows = loaded.rows;
    std::size_t begin = 0;
    for (std::size_t i = 0; i < rows.ids.size(); ++i) {
        if (i + 1 < rows.ids.size() && rows.ids[i + 1] == rows.ids[i]) {
            continue;
        }
        const std::size_t end = rows.ends[i] + 1;  // behind the brace
        loaded.by_key.emplace(rows.ids[i], rows.out.view().substr(begin, end - begin));
        begin = end + 1;  // behind the comma
    }
}

/// What was loaded, at the places of the splices; `rows.ends` moves with it.
void put_in(JsonRows& rows, std::span<const Loaded> children) {
    std::size_t size = rows.out.size();
    for (const Loaded& each : children) {
        size += each.rows.out.size();
    }
    Buffer out(size);
    std::size_t copied = 0;
    auto end = rows.ends.begin();
    auto copy_until = [&](std::size_t at) {
        for (; end != rows.ends.end() && *end < at; ++end) {
            *end += out.size() - copied;
        }
        out.append(rows.out.view().substr(copied, at - copied));
        copied = at;
    };
    for (const JsonSplice& splice : rows.splices) {
        copy_until(splice.at);
        const auto& by_key = children[splice.number].by_key;
        if (const auto found = by_key.find(splice.key); found != by_key.end()) {
            out.append(found->second);
        }
    }
    copy_until(rows.out.size());
    rows.out = std::move(out);
    rows.splices.clear();
}

}  // namespace

sql::Values key_list(std::span<const std::int64_t> keys) {
    Buffer list;
    for (const std::int64_t key : keys) {
        list.push_back(list.empty() ? '[' : ',');
        append_integer(list, key);
    }
    list.push_back(']');
    sql::Values values;
    values.add_bytes(list.view(), sql::ValueKind::list);
    return values;
}

Async<void> load_json_children(Db db, std::span<const JsonChildren> children, JsonRows& rows) {
    if (children.empty()) {
        co_return;
    }
    auto& work = co_await runtime::current_work;
    const ledger::PhaseScope decoding(work.ledger, ledger::Phase::decode);
    std::vector<Loaded> all;
    for (std::size_t number = 0; number < children.size(); ++number) {
        Loaded& loaded = all.emplace_back();
        loaded.rows.plan = children[number].plan;
        const std::vector<std::int64_t> keys = keys_of(rows, number);
        for (std::size_t first = 0; first < keys.size(); first += most_keys) {
            JsonRows part{.plan = children[number].plan};
            const auto some = std::span(keys).subspan(first, std::min(most_keys, keys.size() - first));
            Query query{.statement = children[number].statement, .values = key_list(some), .json = &part};
            co_await db.read({&query, 1});
            append_rows(loaded.rows, part);
        }
        co_await load_json_children(db, children[number].within, loaded.rows);
        divide_by_key(loaded);
    }
    put_in(rows, all);
}

}  // namespace brio::db
