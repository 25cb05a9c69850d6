package dev.layercache.server.http;

/**
 * Codes of errors (OCI distribution-spec, "Error Codes"). The last two are not among them; they go
 * with 5xx only, where the specification asks for nothing, and are what docker's registry sends.
 */
enum ErrorCode {
  BLOB_UNKNOWN,
  BLOB_UPLOAD_INVALID,
  BLOB_UPLOAD_UNKNOWN,
  DENIED,
  DIGEST_INVALID,
  MANIFEST_BLOB_UNKNOWN,
  MANIFEST_INVALID,
  MANIFEST_UNKNOWN,
  NAME_INVALID,
  NAME_UNKNOWN,
  SIZE_INVALID,
  TOOMANYREQUESTS,
  UNSUPPORTED,
  UNAVAILABLE,
  UNKNOWN
}
