package dev.layercache.server.http;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.layercache.oci.InvalidManifestException;
import dev.layercache.server.blob.BlobException;
import dev.layercache.server.blob.BlobTooLargeException;
import dev.layercache.server.blob.CorruptBlobException;
import dev.layercache.server.blob.DigestMismatchException;
import dev.layercache.server.blob.OutOfRangeException;
import dev.layercache.server.blob.OutOfSpaceException;
import dev.layercache.server.blob.TooManyUploadsException;
import dev.layercache.server.blob.UnavailableException;
import dev.layercache.server.blob.UploadGoneException;
import dev.layercache.server.http.wire.Answer;
import dev.layercache.server.http.wire.HttpRefusal;
import dev.layercache.server.image.ConditionFailedException;
import dev.layercache.server.image.ImmutableTagException;
import dev.layercache.server.image.MissingBlobsException;
import dev.layercache.server.mirror.OriginDeniedException;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Every failure's status and code, in the form of the OCI distribution-spec ("Error Codes"); the
 * detail always has the id of the request.
 */
final class ErrorAnswers {
  private static final Logger LOG = LoggerFactory.getLogger(ErrorAnswers.class);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String RETRY_SECONDS = "5";

  private ErrorAnswers() {}

  /** The answer to a request that failed. */
  static Answer of(Exception failure, String requestId) {
    return switch (failure) {
      case RegistryException e -> {
        var answer = one(e.status(), e.code(), e, requestId);
        e.headers().forEach(answer::with);
        yield answer;
      }
      case BlobException e -> ofStore(e, requestId);
      case MissingBlobsException e -> missing(e, requestId);
      case ImmutableTagException e -> one(409, ErrorCode.DENIED, e, requestId);
      case ConditionFailedException e -> one(412, ErrorCode.DENIED, e, requestId);
      case OriginDeniedException e -> one(404, ErrorCode.NAME_UNKNOWN, e, requestId);
      case InvalidManifestException e -> one(400, ErrorCode.MANIFEST_INVALID, e, requestId);
      case HttpRefusal e -> {
        var answer = one(e.status(), ofRefusal(e.status()), e, requestId);
        yield e.status() == 503 ? answer.with("Retry-After", RETRY_SECONDS) : answer;
      }
      case IllegalArgumentException e -> one(400, ErrorCode.UNSUPPORTED, e, requestId);
      default -> {
        LOG.error("request {} failed", requestId, failure);
        yield one(500, ErrorCode.UNKNOWN, new Exception("internal error"), requestId);
      }
    };
  }

  private static Answer ofStore(BlobException failure, String requestId) {
    return switch (failure) {
      case BlobTooLargeException e -> one(413, ErrorCode.SIZE_INVALID, e, requestId);
      case CorruptBlobException e -> one(404, ErrorCode.BLOB_UNKNOWN, e, requestId);
      case DigestMismatchException e -> one(400, ErrorCode.DIGEST_INVALID, e, requestId);
      case OutOfRangeException e ->
          one(416, ErrorCode.SIZE_INVALID, e, requestId)
              .with("Content-Range", "bytes */" + e.size());
      case TooManyUploadsException e ->
          one(429, ErrorCode.TOOMANYREQUESTS, e, requestId).with("Retry-After", RETRY_SECONDS);
      case OutOfSpaceException e -> one(507, ErrorCode.UNAVAILABLE, e, requestId);
      case UnavailableException e ->
          one(503, ErrorCode.UNAVAILABLE, e, requestId).with("Retry-After", retrySeconds(e));
      case UploadGoneException e -> one(404, ErrorCode.BLOB_UPLOAD_UNKNOWN, e, requestId);
    };
  }

  /** Whole seconds, rounded up: a client must not come back too early (RFC 9110, 10.2.3). */
  private static String retrySeconds(UnavailableException failure) {
    return failure
        .retryAfter()
        .map(delay -> Long.toString(delay.plusMillis(999).toSeconds()))
        .orElse(RETRY_SECONDS);
  }

  private static ErrorCode ofRefusal(int status) {
    return switch (status) {
      case 413 -> ErrorCode.SIZE_INVALID;
      case 503 -> ErrorCode.UNAVAILABLE;
      default -> ErrorCode.UNSUPPORTED;
    };
  }

  private static Answer missing(MissingBlobsException failure, String requestId) {
    var body = JSON.createObjectNode();
    var errors = body.putArray("errors");
    for (var blob : failure.missing()) {
      var message = "%s (%d bytes) must be pushed first".formatted(blob.digest(), blob.size());
      var error = error(ErrorCode.MANIFEST_BLOB_UNKNOWN, message, requestId);
      ((ObjectNode) error.get("detail"))
          .put("digest", blob.digest().toString())
          .put("mediaType", blob.mediaType())
          .put("size", blob.size());
      errors.add(error);
    }
    return json(400, body);
  }

  private static Answer one(int status, ErrorCode code, Exception failure, String requestId) {
    var body = JSON.createObjectNode();
    body.putArray("errors").add(error(code, String.valueOf(failure.getMessage()), requestId));
    return json(status, body);
  }

  private static ObjectNode error(ErrorCode code, String message, String requestId) {
    var error = JSON.createObjectNode().put("code", code.name()).put("message", message);
    error.putObject("detail").put("requestId", requestId);
    return error;
  }

  private static Answer json(int status, ObjectNode body) {
    return Answer.bytes(
        status, "application/json", body.toString().getBytes(StandardCharsets.UTF_8));
  }
}
