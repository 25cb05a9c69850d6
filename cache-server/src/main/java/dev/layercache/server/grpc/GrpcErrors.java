package dev.layercache.server.grpc;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.BlobException;
import dev.layercache.server.blob.BlobTooLargeException;
import dev.layercache.server.blob.CorruptBlobException;
import dev.layercache.server.blob.DigestMismatchException;
import dev.layercache.server.blob.OutOfRangeException;
import dev.layercache.server.blob.OutOfSpaceException;
import dev.layercache.server.blob.TooManyUploadsException;
import dev.layercache.server.blob.UnavailableException;
import dev.layercache.server.blob.UploadGoneException;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns every failure into a gRPC status. Only {@link ImageErrors} chooses status codes too. */
final class GrpcErrors {
  private static final Logger LOG = LoggerFactory.getLogger(GrpcErrors.class);

  private GrpcErrors() {}

  /** The request itself is wrong: sending it again cannot help. */
  static StatusException invalid(String format, Object... args) {
    return Status.INVALID_ARGUMENT.withDescription(format.formatted(args)).asException();
  }

  /** A value of the request was refused by the domain, whose message says why. */
  static StatusException invalid(IllegalArgumentException refusal) {
    return Status.INVALID_ARGUMENT.withDescription(refusal.getMessage()).asException();
  }

  /** The blob is not stored (REAPI: never INTERNAL). */
  static StatusException notFound(Digest digest, long size) {
    return Status.NOT_FOUND
        .withDescription("blob %s/%d is not stored".formatted(digest, size))
        .asException();
  }

  /** What the request names is not there. */
  static StatusException notFound(String format, Object... args) {
    return Status.NOT_FOUND.withDescription(format.formatted(args)).asException();
  }

  /** The offset of a read does not lie in the blob (google.bytestream, "ReadRequest"). */
  static StatusException outOfRange(String format, Object... args) {
    return Status.OUT_OF_RANGE.withDescription(format.formatted(args)).asException();
  }

  /** The peer neither sent nor took a byte for too long. */
  static StatusException stalled(String format, Object... args) {
    return Status.DEADLINE_EXCEEDED.withDescription(format.formatted(args)).asException();
  }

  /** A bound of this server is reached; trying again later helps. */
  static StatusException busy(String format, Object... args) {
    return Status.UNAVAILABLE.withDescription(format.formatted(args)).asException();
  }

  /** The client went away. Nobody hears this. */
  static StatusException cancelled() {
    return Status.CANCELLED.withDescription("the client cancelled the call").asException();
  }

  /** What the client is told. Failures that are not foreseen are logged and told without detail. */
  static Status status(Throwable failure) {
    return switch (failure) {
      case StatusException e -> e.getStatus();
      case StatusRuntimeException e -> e.getStatus();
      case BlobException e -> code(e).withDescription(e.getMessage());
      case InterruptedException e -> Status.UNAVAILABLE.withDescription("the server is stopping");
      default -> {
        LOG.error("call failed", failure);
        yield Status.INTERNAL.withDescription(
            "the server failed: " + failure.getClass().getSimpleName());
      }
    };
  }

  private static Status code(BlobException failure) {
    return switch (failure) {
      case DigestMismatchException e -> Status.INVALID_ARGUMENT;
      case BlobTooLargeException e -> Status.INVALID_ARGUMENT;
      case OutOfRangeException e -> Status.OUT_OF_RANGE;
      case OutOfSpaceException e -> Status.RESOURCE_EXHAUSTED;
      case UnavailableException e -> Status.UNAVAILABLE;
      // Clients repeat these with a pause, which RESOURCE_EXHAUSTED, a full disk, is not worth.
      case TooManyUploadsException e -> Status.UNAVAILABLE;
      // A damaged blob counts as missing: the client uploads it again, which heals it.
      case CorruptBlobException e -> Status.NOT_FOUND;
      // Another stream continues this upload, or it is gone: the client asks where it stands.
      case UploadGoneException e -> Status.ABORTED;
      default -> throw new AssertionError("the set is sealed", failure);
    };
  }
}
