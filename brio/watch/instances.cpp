#include <brio/watch/instances.hpp>

#include <algorithm>
#include <numeric>
#include <tuple>

#include <brio/json/read.hpp>

namespace brio::watch {

namespace {

constexpr std::uint64_t over_all_edges = 0;  // as an edge

/// Work of several processes.
struct Together {
    WorkCounts counts;
    std::uint64_t good = 0;
    double asked = 0;
    double per_second = 0;

    void add(const WorkDone& done) {
        counts += done.counts;
        good += done.good;
        asked += done.asked;
        if (done.watched.count() > 0) {
            per_second += static_cast<double>(done.counts.total()) / done.watched.count();
        }
    }

    RateNow now(const metrics::Edges& edges) const {
        RateNow now{.per_second = per_second, .count = counts.total(), .failed = counts.failed};
        if (now.count > 0) {
            const auto all = static_cast<double>(now.count);
            now.holds = static_cast<double>(good) / all;
            now.share = asked / all;
            now.p50_ms = metrics::quantile(edges, counts.buckets, 0.50) / 1e6;
            now.p99_ms = metrics::quantile(edges, counts.buckets, 0.99) / 1e6;
        }
        return now;
    }
};

/// Of the server process that a worker process belongs to, or its own.
std::string_view family_of(std::string_view id) { return id.substr(0, id.find('.')); }

void add(UseSaid& sum, const UseSaid& one) {
    sum.used += one.used;
    sum.most += one.most;
}

bool is_web_address(std::string_view text) {
    return text.starts_with("http://") || text.starts_with("https://");
}

InstanceNow instance_of(const Heard& heard, std::string_view self, const metrics::Edges& edges) {
    const auto& said = heard.said;
    Together work;
    work.add(done_of(said.work, edges));
    return {.id = said.id,
            .of = std::string(family_of(said.id)),
            .is_self = said.id == self,
            .state = heard.ago < instance_gone_after ? "up" : "gone",
            .heard_seconds_ago = std::chrono::duration<double>(heard.ago).count(),
            .version = said.version,
            .role = said.role,
            .host = said.host,
            .pid = said.pid,
            .api = said.api,
            .admin = said.admin,
            .began = said.began,
            .work = work.now(edges),
            .cpu_percent = said.cpu_percent,
            .cores = said.cores,
            .memory_bytes = said.memory_bytes,
            .memory_limit_bytes = said.memory_limit_bytes,
            .connections = said.connections,
            .clients = said.clients,
            .running = said.running,
            .goals_kept = said.goals_kept,
            .goals_missed = said.goals_missed};
}

InstanceSum sum_of(const std::vector<Heard>& heard, const metrics::Edges& edges) {
    InstanceSum sum;
    Together requests;
    Together tasks;
    for (const auto& [ago, said] : heard) {
        if (ago >= instance_gone_after) {
            ++sum.gone;
            continue;
        }
        const bool is_worker = said.role == "worker";
        ++(is_worker ? sum.workers : sum.servers);
        (is_worker ? tasks : requests).add(done_of(said.work, edges));
        if (std::ranges::find(sum.versions, said.version) == sum.versions.end()) {
            sum.versions.push_back(said.version);
        }
        sum.cores_used += said.cpu_percent / 100 * said.cores;
        sum.memory_bytes += said.memory_bytes;
        add(sum.connections, said.connections.value_or(UseSaid{}));
        add(sum.clients, said.clients);
        add(sum.running, said.running);
    }
    std::ranges::sort(sum.versions);
    sum.requests = requests.now(edges);
    sum.tasks = tasks.now(edges);
    return sum;
}

}  // namespace

WorkSaid said_of(const WorkDone& done, const metrics::Edges& edges) {
    WorkSaid said{.seconds = done.watched.count(),
                  .good = done.good,
                  .asked = done.asked,
                  .failed = done.counts.failed};
    const auto& buckets = done.counts.buckets;
    for (std::size_t i = 0; i < buckets.size(); ++i) {
        if (buckets[i] > 0) {
            said.edges_ns.push_back(i < edges.size() ? edges.nanoseconds()[i] : over_all_edges);
            said.in_buckets.push_back(buckets[i]);
        }
    }
    return said;
}

double count_of(const WorkSaid& said) noexcept {
    return static_cast<double>(std::accumulate(said.in_buckets.begin(), said.in_buckets.end(), said.failed));
}

WorkDone done_of(const WorkSaid& said, const metrics::Edges& edges) {
    WorkDone done{.watched = std::chrono::duration<double>(said.seconds),
                  .counts = {.failed = said.failed},
                  .good = said.good,
                  .asked = said.asked};
    done.counts.buckets.resize(edges.size() + 1);
    for (std::size_t i = 0; i < std::min(said.edges_ns.size(), said.in_buckets.size()); ++i) {
        const auto edge = said.edges_ns[i];
        done.counts.buckets[edge == over_all_edges ? edges.size() : edges.bucket(edge)] += said.in_buckets[i];
    }
    return done;
}

InstancesNow judge_instances(std::vector<Heard> heard, std::string_view self, const metrics::Edges& edges) {
    // Those that were heard of last are kept, and one's own are shown first.
    std::ranges::sort(heard, {}, &Heard::ago);
    InstancesNow now;
    now.has_more = heard.size() > most_instances;
    heard.resize(std::min(heard.size(), most_instances));
    now.sum = sum_of(heard, edges);
    for (const auto& each : heard) {
        now.instances.push_back(instance_of(each, self, edges));
    }
    const auto own = family_of(self);
    std::ranges::sort(now.instances, {}, [own](const InstanceNow& each) {
        return std::tuple<bool, std::string_view, std::string_view, std::string_view>(
            each.of != own, each.host, each.of, each.id);
    });
    return now;
}

std::optional<Announcement> read_announcement(std::string_view json) {
    auto read = json::read<Announcement>(json);
    if (!read || read->id.empty()) {
        return std::nullopt;
    }
    for (auto* address : {&read->api, &read->admin}) {
        if (!is_web_address(*address)) {
            address->clear();
        }
    }
    return std::move(*read);
}

}  // namespace brio::watch
