// A profile as pprof's profile.proto (github.com/google/pprof/blob/main/proto/profile.proto), written by
// hand: the numbers of fields are those of the messages there.
#include <brio/watch/cpu_profile.hpp>

#include <brio/base/text.hpp>
#include <brio/ledger/request_metrics.hpp>

namespace brio::watch {

namespace {

// A message of Protocol Buffers: varints and length-delimited fields
// (protobuf.dev/programming-guides/encoding).
class Message {
public:
    Message& number(std::uint32_t field, std::uint64_t value) {
        if (value != 0) {
            varint(field << 3U);
            varint(value);
        }
        return *this;
    }
    Message& bytes(std::uint32_t field, std::string_view value) {
        varint(field << 3U | 2U);
        varint(value.size());
        bytes_ += value;
        return *this;
    }
    Message& message(std::uint32_t field, const Message& inner) { return bytes(field, inner.bytes_); }
    Message& numbers(std::uint32_t field, std::initializer_list<std::uint64_t> values) {
        Message packed;
        for (const auto each : values) {
            packed.varint(each);
        }
        return message(field, packed);
    }
    void varint(std::uint64_t value) {
        for (; value >= 0x80; value >>= 7U) {
            bytes_ += static_cast<char>(0x80 | (value & 0x7f));
        }
        bytes_ += static_cast<char>(value);
    }
    std::string take() && { return std::move(bytes_); }

private:
    std::string bytes_;
};

// What is named by its place in a table, which begins with the empty text.
class Strings {
public:
    std::uint64_t at(std::string_view text) {
        const auto [found, is_new] = known_.emplace(text, known_.size());
        if (is_new) {
            in_order_.push_back(&found->first);
        }
        return found->second;
    }
    void write(Message& profile, std::uint32_t field) const {
        for (const std::string* each : in_order_) {
            profile.bytes(field, *each);
        }
    }
    Strings() { at(""); }

private:
    std::map<std::string, std::uint64_t, std::less<>> known_;
    std::vector<const std::string*> in_order_;
};

constexpr std::string_view thread_prefix = "[thread] ";

struct Label {
    std::string_view key;
    std::string_view text;
};
Label label_of(std::string_view name) {
    if (name.starts_with(thread_prefix)) {
        return {"thread", name.substr(thread_prefix.size())};
    }
    return {name.starts_with('/') || name == ledger::unmatched_endpoint ? "route" : "task", name};
}

class Pprof {
public:
    std::string write(const CpuProfile& profile, const ProfileTaking& taking) {
        for (const auto& [type, unit] : {std::pair("samples", "count"), std::pair("cpu", "nanoseconds"),
                                         std::pair("wait", "nanoseconds")}) {
            whole_.message(1, value_type(type, unit));
        }
        for (const ProfileStack& each : profile.stacks) {
            whole_.message(2, sample(each));
        }
        Message mapping;  // has_functions: pprof looks for no names of its own
        whole_.message(3, mapping.number(1, 1).number(5, strings_.at(taking.program)).number(7, 1));
        for (const auto& [function, id] : functions_) {
            Message line;
            Message location;
            Message named;
            const auto name = strings_.at(function);
            whole_.message(4, location.number(1, id).number(2, 1).message(4, line.number(1, id)));
            whole_.message(5, named.number(1, id).number(2, name).number(3, name));
        }
        const auto second = std::chrono::nanoseconds(std::chrono::seconds(1)).count();
        whole_.number(9, static_cast<std::uint64_t>(taking.began.count()));
        whole_.number(10, static_cast<std::uint64_t>(taking.took.count()));
        whole_.message(11, value_type("cpu", "nanoseconds"));
        whole_.number(12, static_cast<std::uint64_t>(second) / std::max(taking.hz, 1U));
        whole_.number(14, strings_.at("cpu"));
        strings_.write(whole_, 6);
        return std::move(whole_).take();
    }

private:
    Message value_type(std::string_view type, std::string_view unit) {
        Message message;
        return message.number(1, strings_.at(type)).number(2, strings_.at(unit));
    }
    Message sample(const ProfileStack& stack) {
        Message places;  // the innermost first
        for (auto frame = stack.frames.rbegin(); frame != stack.frames.rend(); ++frame) {
            places.varint(functions_.emplace(*frame, functions_.size() + 1).first->second);
        }
        const auto [key, text] = label_of(stack.frames.front());
        Message label;
        label.number(1, strings_.at(key)).number(2, strings_.at(text));
        Message message;
        return message.message(1, places)
            .numbers(2, {stack.is_wait ? 0 : stack.samples, stack.is_wait ? 0 : stack.ns,
                         stack.is_wait ? stack.ns : 0})
            .message(3, label);
    }

    Message whole_;
    Strings strings_;
    std::map<std::string, std::uint64_t, std::less<>> functions_;  // each has one location
};

}  // namespace

std::string pprof(const CpuProfile& profile, const ProfileTaking& taking) {
    return Pprof().write(profile, taking);
}

}  // namespace brio::watch
