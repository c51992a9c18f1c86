"""What drf-spectacular cannot see: unknown fields are refused, and every error has one shape."""

from typing import Any

Schema = dict[str, Any]
METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})
TEXT = {"type": "string"}
ERROR: Schema = {
    "type": "object",
    "description": "What was refused or failed. `code` is stable; `message` and `hint` follow Accept-Language.",
    "properties": {
        "error": {
            "type": "object",
            "properties": {
                "code": {"type": "string", "pattern": "^[a-z0-9_]+$"},
                "message": TEXT,
                "hint": {"type": "string", "description": "What to do; empty when there is nothing to add."},
                "fields": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {"field": TEXT, "reason": TEXT},
                        "required": ["field", "reason"],
                        "additionalProperties": False,
                    },
                },
            },
            "required": ["code", "message", "hint"],
            "additionalProperties": False,
        }
    },
    "required": ["error"],
    "additionalProperties": False,
}


def refuse_unknown_fields(result: Schema, generator: object, request: object, public: bool) -> Schema:  # noqa: ARG001 - a hook
    """Say of every request body what StrictSerializer does: a field nobody knows is an error, not ignored."""
    for name, component in result.get("components", {}).get("schemas", {}).items():
        if name.endswith("Request") and component.get("type") == "object":
            component["additionalProperties"] = False
    return result


def describe_errors(result: Schema, generator: object, request: object, public: bool) -> Schema:  # noqa: ARG001 - a hook
    """Add the error's shape to every operation."""
    result.setdefault("components", {}).setdefault("schemas", {})["Error"] = ERROR
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    for path in result["paths"].values():
        for method in METHODS & path.keys():
            responses = path[method]["responses"]
            responses["4XX"] = {"description": "Refused.", "content": content}
            responses["5XX"] = {"description": "Failed.", "content": content}
    return result
