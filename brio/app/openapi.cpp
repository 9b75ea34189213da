#include <brio/app/openapi.hpp>

#include <algorithm>
#include <map>
#include <set>

#include <brio/base/text.hpp>
#include <brio/http/operation.hpp>
#include <brio/http/pattern.hpp>
#include <brio/http/status.hpp>
#include <brio/json/write.hpp>

namespace brio::app {
namespace {

constexpr std::string_view problem_type = "application/problem+json";
constexpr std::string_view problem_schema =
    R"({"type":"object","required":["type","title","status","code"],"properties":{)"
    R"("type":{"type":"string"},"title":{"type":"string"},"status":{"type":"integer"},)"
    R"("detail":{"type":"string"},"instance":{"type":"string","description":"the id of the request"},)"
    R"("code":{"type":"string","description":"what programs compare"},)"
    R"("errors":{"type":"array","items":{"type":"object","required":["in","name","message"],"properties":{)"
    R"("in":{"type":"string","enum":["path","query","header","cookie","body"]},)"
    R"("name":{"type":"string"},"message":{"type":"string"}}}}}})";

struct Operation {
    const http::Route* route;
    http::OperationSchema schema;
};

void write_member(Buffer& out, std::string_view name, std::string_view text) {
    json::write_key(out, name);
    json::write_string(out, text);
}

// `/files/{path...}` is `/files/{path}` in OpenAPI.
std::string path_of(std::string_view pattern) {
    std::string path(pattern);
    if (auto const dots = path.find("...}"); dots != std::string::npos) {
        path.erase(dots, 3);
    }
    return path;
}

// GET /api/resources/{id} is get_resources_by_id.
std::string operation_id(const http::Route& route, std::set<std::string>& taken) {
    auto id = lower(http::method_name(route.method));
    std::string_view rest = route.pattern;
    while (!rest.empty()) {
        rest.remove_prefix(1);
        auto segment = rest.substr(0, rest.find('/'));
        rest.remove_prefix(segment.size());
        if (segment.empty() || segment == "api") {
            continue;
        }
        id += segment.front() == '{' ? "_by_" : "_";
        for (char const c : segment) {
            if (c != '{' && c != '}') {
                id += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
            }
        }
    }
    auto unique = id;
    for (int i = 2; !taken.insert(unique).second; ++i) {
        unique = concat({id, "_", integer_text(i)});
    }
    return unique;
}

std::string tag_of(const http::Route& route) {
    if (!route.options.tag.empty()) {
        return route.options.tag;
    }
    std::string_view rest = route.pattern;
    if (!rest.starts_with("/api/")) {
        return "service";
    }
    rest.remove_prefix(std::string_view("/api/").size());
    return std::string(rest.substr(0, rest.find('/')));
}

void write_parameters(Buffer& out, const Operation& operation) {
    if (operation.schema.parameters.empty()) {
        return;
    }
    out.append(R"(,"parameters":)");
    char before = '[';
    for (auto const& parameter : operation.schema.parameters) {
        out.push_back(std::exchange(before, ','));
        out.append("{");
        write_member(out, "name", parameter.name);
        out.append(",");
        write_member(out, "in", http::name_of(parameter.in));
        if (parameter.required || parameter.in == http::In::path) {
            out.append(R"(,"required":true)");
        }
        if (!parameter.description.empty()) {
            out.append(",");
            write_member(out, "description", parameter.description);
        }
        out.append(parameter.has_commas ? R"(,"explode":false)" : "");
        out.append(R"(,"schema":)");
        out.append(parameter.schema.empty() ? "{}" : std::string_view(parameter.schema));
        out.append("}");
    }
    out.append("]");
}

void write_content(Buffer& out, std::string_view type, std::string_view schema) {
    out.append(R"("content":{)");
    json::write_key(out, type);
    out.append("{");
    if (!schema.empty()) {
        out.append(R"("schema":)");
        out.append(schema);
    }
    out.append("}}");
}

void write_body(Buffer& out, const Operation& operation) {
    auto const& bodies = operation.schema.bodies;
    if (bodies.empty()) {
        return;
    }
    out.append(R"(,"requestBody":{"required":)");
    out.append(std::ranges::any_of(bodies, &http::BodySchema::required) ? "true" : "false");
    out.append(R"(,"content":)");
    char before = '{';
    for (auto const& body : bodies) {
        out.push_back(std::exchange(before, ','));
        json::write_key(out, body.content_type);
        out.append(R"({"schema":)");
        out.append(body.schema.empty() ? "{}" : std::string_view(body.schema));
        out.append("}");
    }
    out.append("}}");
}

// The errors that the shape of an operation makes possible, whatever its handler says.
std::set<int> errors_of(const Operation& operation) {
    auto const& [route, schema] = operation;
    auto const has = [&, &parameters = schema.parameters](http::In in) {
        return std::ranges::find(parameters, in, &http::ParameterSchema::in) != parameters.end();
    };
    std::set<int> errors{503};
    if (!schema.parameters.empty() || !schema.bodies.empty()) {
        errors.insert({400, 422});
    }
    if (has(http::In::path)) {
        errors.insert(404);
    }
    if (!schema.bodies.empty()) {
        errors.insert({409, 413, 415});
    }
    if (std::ranges::any_of(schema.parameters, [](auto const& each) { return each.name == "If-Match"; })) {
        errors.insert(412);
    }
    if (!schema.security.empty()) {
        errors.insert({401, 403});
    }
    return errors;
}

bool is_plain_problem(const http::AnswerSchema& answer) {
    return answer.status >= 400 && answer.schema.empty();
}

void write_answer(Buffer& out, const http::AnswerSchema& answer) {
    out.append("{");
    write_member(out, "description",
                 answer.description.empty() ? http::reason_phrase(answer.status)
                                            : std::string_view(answer.description));
    if (!answer.headers.empty()) {
        out.append(R"(,"headers":)");
        char before = '{';
        for (auto const& header : answer.headers) {
            out.push_back(std::exchange(before, ','));
            json::write_key(out, header);
            out.append(R"({"schema":{"type":"string"}})");
        }
        out.append("}");
    }
    if (!answer.schema.empty()) {
        out.append(",");
        write_content(out, answer.content_type, answer.schema);
    }
    out.append("}");
}

void write_answers(Buffer& out, const Operation& operation, std::set<int>& problems) {
    std::map<int, const http::AnswerSchema*> answers;
    for (auto const& answer : operation.schema.answers) {
        answers.emplace(answer.status, &answer);
    }
    auto errors = errors_of(operation);
    static const http::AnswerSchema ok{.status = 200, .description = "OK"};
    static const http::AnswerSchema not_modified{.status = 304,
                                                 .description = "what If-None-Match names is current"};
    if (answers.empty()) {
        answers.emplace(200, &ok);
    }
    auto const found = answers.find(200);
    if (operation.route->method == http::Method::get && found != answers.end() &&
        !found->second->schema.empty()) {
        answers.emplace(304, &not_modified);
    }
    for (int const status : errors) {
        answers.emplace(status, nullptr);
    }
    out.append(R"(,"responses":)");
    char before = '{';
    for (auto const& [status, answer] : answers) {
        out.push_back(std::exchange(before, ','));
        json::write_key(out, integer_text(status));
        if (answer == nullptr || is_plain_problem(*answer)) {
            problems.insert(status);
            out.append(R"({"$ref":"#/components/responses/Problem)");
            out.append(integer_text(status));
            out.append(R"("})");
        } else {
            write_answer(out, *answer);
        }
    }
    out.append("}");
}

void write_security(Buffer& out, const Operation& operation) {
    if (operation.schema.security.empty()) {
        return;
    }
    out.append(R"(,"security":[)");
    char before = '{';
    for (auto const& name : operation.schema.security) {
        out.push_back(std::exchange(before, ','));
        json::write_key(out, name);
        out.append("[]");
    }
    out.append("}]");
}

// What the components need to hold, met on the way through the operations.
struct Met {
    std::set<std::string> ids;
    std::set<int> problems;
    std::set<std::string> schemes;
};

void write_operation(Buffer& out, const Operation& operation, Met& met) {
    json::write_key(out, lower(http::method_name(operation.route->method)));
    out.append("{");
    write_member(out, "operationId", operation_id(*operation.route, met.ids));
    out.append(R"(,"tags":[)");
    json::write_string(out, tag_of(*operation.route));
    out.append("]");
    if (!operation.route->options.summary.empty()) {
        out.append(",");
        write_member(out, "summary", operation.route->options.summary);
    }
    write_parameters(out, operation);
    write_body(out, operation);
    write_answers(out, operation, met.problems);
    write_security(out, operation);
    met.schemes.insert(operation.schema.security.begin(), operation.schema.security.end());
    out.append("}");
}

void write_components(Buffer& out, const json::SchemaSet& schemas, const Met& met) {
    out.append(R"("components":{"schemas":)");
    out.append(schemas.components());
    out.append(R"(,"responses":)");
    char before = '{';
    for (int const status : met.problems) {
        out.push_back(std::exchange(before, ','));
        json::write_key(out, concat({"Problem", integer_text(status)}));
        out.append("{");
        write_member(out, "description", http::reason_phrase(status));
        out.append(",");
        write_content(out, problem_type, R"({"$ref":"#/components/schemas/Problem"})");
        out.append("}");
    }
    out.append(before == '{' ? "{}" : "}");
    if (!met.schemes.empty()) {
        out.append(R"(,"securitySchemes":)");
        before = '{';
        for (auto const& name : met.schemes) {
            out.push_back(std::exchange(before, ','));
            json::write_key(out, name);
            out.append(R"({"type":"http",)");
            write_member(out, "scheme", name);
            out.append("}");
        }
        out.append("}");
    }
    out.append("}");
}

}  // namespace

std::string write_openapi(const http::Router& router, const OpenApiInfo& info) {
    json::SchemaSet schemas;
    schemas.add("Problem", std::string(problem_schema));
    std::vector<std::string> paths;
    std::map<std::string, std::vector<Operation>> operations;
    for (auto const& route : router.routes()) {
        if (!route->options.in_openapi) {
            continue;
        }
        auto const path = path_of(route->pattern);
        auto& of_path = operations[path];
        if (of_path.empty()) {
            paths.push_back(path);
        }
        auto& added = of_path.emplace_back(Operation{route.get(), http::OperationSchema(schemas)});
        if (route->endpoint.describe != nullptr) {
            route->endpoint.describe(added.schema);
        }
    }
    Buffer out;
    out.append(R"({"openapi":"3.1.0","info":{)");
    write_member(out, "title", info.title);
    out.append(",");
    write_member(out, "version", info.version);
    if (!info.description.empty()) {
        out.append(",");
        write_member(out, "description", info.description);
    }
    out.append(R"(},"paths":{)");
    Met met;
    std::string_view between_paths;
    for (auto const& path : paths) {
        out.append(std::exchange(between_paths, ","));
        json::write_key(out, path);
        char before = '{';
        for (auto const& operation : operations[path]) {
            out.push_back(std::exchange(before, ','));
            write_operation(out, operation, met);
        }
        out.append("}");
    }
    out.append("},");
    write_components(out, schemas, met);
    out.append("}");
    return std::string(out.view());
}

}  // namespace brio::app
