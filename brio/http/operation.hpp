// What a route says of itself, collected from the types of its handler: the source of OpenAPI and of
// `routes`.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include <brio/http/field_error.hpp>
#include <brio/json/schema.hpp>

namespace brio::http {

struct ParameterSchema {
    In in = In::query;
    std::string name;
    std::string schema;  // JSON Schema, encoded
    bool required = false;
    std::string description = {};
    bool has_commas = false;  // an array, given once with commas between its elements
};
struct BodySchema {
    std::string content_type = "application/json";
    std::string schema;
    bool required = true;
};
struct AnswerSchema {
    int status = 200;
    std::string description;
    std::string schema = {};  // empty: no body
    std::string content_type = "application/json";
    std::vector<std::string> headers = {};
};

class OperationSchema {
public:
    explicit OperationSchema(json::SchemaSet& set) : components(&set) {}

    json::SchemaSet* components;  // named schemas, shared by all operations
    std::vector<ParameterSchema> parameters;
    std::vector<BodySchema> bodies;
    std::vector<AnswerSchema> answers;
    std::vector<std::string> security;  // names of security schemes, as "bearer"

    void parameter(ParameterSchema schema) { parameters.push_back(std::move(schema)); }
    void answer(AnswerSchema schema) { answers.push_back(std::move(schema)); }
};

}  // namespace brio::http
