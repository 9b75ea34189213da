// What other programs, and the page of the flame graph, read of a profile.
#include <brio/watch/cpu_profile.hpp>

#include <algorithm>
#include <memory>

#include <brio/base/text.hpp>
#include <brio/json/write.hpp>

namespace brio::watch {

namespace {

constexpr std::uint64_t ns_a_us = 1000;
constexpr double ns_a_ms = 1e6;

struct Frame {
    std::string name;
};
struct Shared {
    std::vector<Frame> frames;
};
struct Sampled {
    std::string type = "sampled";
    std::string name;
    std::string unit = "nanoseconds";
    std::uint64_t startValue = 0;  // names of the format
    std::uint64_t endValue = 0;
    std::vector<std::vector<std::size_t>> samples;
    std::vector<std::uint64_t> weights;

    void add(std::vector<std::size_t> stack, std::uint64_t ns) {
        samples.push_back(std::move(stack));
        weights.push_back(ns);
        endValue += ns;
    }
};

struct Node {
    std::uint64_t ns = 0;
    std::uint64_t self_ns = 0;
    std::uint64_t samples = 0;
    bool is_wait = false;
    std::map<std::string_view, std::unique_ptr<Node>> children;
};

void write_node(Buffer& out, std::string_view name, const Node& node) {
    out.append("{\"name\":");
    json::write_string(out, name);
    out.append(",\"ms\":");
    json::write_number(out, static_cast<double>(node.ns) / ns_a_ms);
    out.append(",\"self_ms\":");
    json::write_number(out, static_cast<double>(node.self_ns) / ns_a_ms);
    out.append(",\"samples\":");
    json::write_unsigned(out, node.samples);
    out.append(node.is_wait ? ",\"wait\":true,\"children\":[" : ",\"wait\":false,\"children\":[");
    std::vector<std::pair<std::string_view, const Node*>> order;
    for (const auto& [child_name, child] : node.children) {
        order.emplace_back(child_name, child.get());
    }
    std::ranges::sort(order, std::ranges::greater(), [](const auto& each) { return each.second->ns; });
    std::string_view before;
    for (const auto& [child_name, child] : order) {
        out.append(std::exchange(before, ","));
        write_node(out, child_name, *child);
    }
    out.append("]}");
}

}  // namespace

std::string collapsed(const CpuProfile& profile) {
    std::string text;
    for (const ProfileStack& each : profile.stacks) {
        std::string_view before;
        for (const std::string& frame : each.frames) {
            text.append(std::exchange(before, ";")).append(frame);
        }
        text.append(" ").append(integer_text(std::max<std::uint64_t>(each.ns / ns_a_us, 1))).append("\n");
    }
    return text;
}

std::string speedscope(const CpuProfile& profile, std::string_view name) {
    Shared shared;
    std::map<std::string_view, std::size_t> known;
    Sampled cpu{.name = concat({name, ": processor time"}), .samples = {}, .weights = {}};
    Sampled all{.name = concat({name, ": processor time and waits"}), .samples = {}, .weights = {}};
    for (const ProfileStack& each : profile.stacks) {
        std::vector<std::size_t> stack;
        for (const std::string& frame : each.frames) {
            const auto [at, is_new] = known.emplace(frame, shared.frames.size());
            if (is_new) {
                shared.frames.push_back({frame});
            }
            stack.push_back(at->second);
        }
        if (!each.is_wait) {
            cpu.add(stack, each.ns);
        }
        all.add(std::move(stack), each.ns);
    }
    return concat({R"({"$schema":"https://www.speedscope.app/file-format-schema.json","name":)",
                   json::to_string(std::string(name)), R"(,"shared":)", json::to_string(shared),
                   R"(,"profiles":[)", json::to_string(cpu), ",", json::to_string(all), "]}"});
}

std::string flame_tree(const CpuProfile& profile) {
    Node root;
    for (const ProfileStack& each : profile.stacks) {
        Node* node = &root;
        node->ns += each.ns;
        node->samples += each.samples;
        for (const std::string& frame : each.frames) {
            auto& child = node->children[frame];
            if (child == nullptr) {
                child = std::make_unique<Node>();
            }
            node = child.get();
            node->ns += each.ns;
            node->samples += each.samples;
        }
        node->self_ns += each.ns;
        node->is_wait = each.is_wait;
    }
    Buffer out;
    write_node(out, "all", root);
    return std::string(out.view());
}

}  // namespace brio::watch
