// A load test that is led from a page: it waits for the page's orders and carries them out, one run after the
// other, until it is interrupted.
//
//     brio load http://127.0.0.1:8080/api/resources --web 8089
#pragma once
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include <brio/load/plan.hpp>
#include <brio/load/report.hpp>
#include <brio/load/run.hpp>
#include <brio/load/threshold.hpp>
#include <brio/load/web_control.hpp>
#include <brio/load/web_server.hpp>

namespace brio::load {

struct WebLead {
    WebAddress address;
    const Plan& plan;  // as typed
    const std::vector<Threshold>& goals;
    /// Carries out a plan with these looks, rests and levels, and judges it. Throws as load::run() does.
    std::function<Report(const Plan&, const RunOptions&)> measure;
    /// Waits so long; true: it is to end.
    std::function<bool(std::chrono::nanoseconds)> rest;
    std::function<void(std::string_view)> say;
};

/// Gives the report of the last run; none when nothing ran. Throws std::system_error when the page's port
/// cannot be had. A run that cannot begin is said on the page, and the next order is waited for.
std::optional<Report> lead_from_page(const WebLead& with);

}  // namespace brio::load
