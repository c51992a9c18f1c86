"""What drf-spectacular cannot see: unknown fields are refused, and every error has one shape."""

from typing import Any

from api.queries import VALUE
from api.tenant_bodies import NEW, make_bodies, refer_to
from domain.looks import make_mail

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


def require_answered_fields(result: Schema, generator: object, request: object, public: bool) -> Schema:  # noqa: ARG001 - a hook
    """Say of every answer that it has all of its properties, be they null."""
    for name, component in result.get("components", {}).get("schemas", {}).items():
        if not name.endswith("Request") and "properties" in component:
            component["required"] = sorted(component["properties"])
    return result


def describe_query(result: Schema, generator: object, request: object, public: bool) -> Schema:  # noqa: ARG001 - a hook
    """Say of every text after the question mark what StrictQueryMixin does: something, without control characters."""
    for path in result["paths"].values():
        for method in METHODS & path.keys():
            for parameter in path[method].get("parameters", ()):
                schema = parameter["schema"]
                if parameter["in"] == "query" and schema.get("type") == "string" and "enum" not in schema:
                    schema.setdefault("pattern", f"^{VALUE.pattern}$".replace(r"\x", r"\u00"))
    return result


def describe_tenants(result: Schema, generator: object, request: object, public: bool) -> Schema:  # noqa: ARG001 - a hook
    """Add the bodies that describe a parish; a new one must be sent, since it has fields that must be."""
    for schema in result["components"]["schemas"].values():
        for value in schema.get("properties", {}).values():
            # Readers of the format refuse hosts that exist (two hyphens in third place); our own rule says it all.
            if value.get("format") == "email":
                del value["format"]
                value |= make_mail(required=False)
    result["components"]["schemas"] |= make_bodies()
    for path in result["paths"].values():
        for method in METHODS & path.keys():
            body = path[method].get("requestBody", {})
            if body.get("content") == refer_to_schema(NEW):
                body["required"] = True
    return result


def refer_to_schema(name: str) -> Schema:
    """Return a body's content of that name, as drf-spectacular writes it."""
    return {media: {"schema": schema} for media, schema in refer_to(name).items()}


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
