package dev.layercache.client;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.layercache.client.LayercacheException.Kind;
import dev.layercache.oci.Descriptor;
import dev.layercache.v1.MissingBlobs;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Turns gRPC's failures into the client's: the one place that maps codes. */
final class Failures {
  private final String address;
  private final BooleanSupplier clientClosed;

  /**
   * @param address of the server, for messages
   * @param clientClosed whether a cancelled call was cancelled by closing the client
   */
  Failures(String address, BooleanSupplier clientClosed) {
    this.address = address;
    this.clientClosed = clientClosed;
  }

  /** A call that failed. */
  LayercacheException of(String what, StatusRuntimeException failure) {
    return of(what, failure.getStatus(), failure.getTrailers());
  }

  /** A call that ended with a status other than OK. */
  LayercacheException of(String what, Status status, @Nullable Metadata trailers) {
    Throwable cause = status.asRuntimeException(trailers);
    if (clientClosed.getAsBoolean()) {
      return closed(cause);
    }
    List<Descriptor> missing =
        status.getCode() == Status.Code.FAILED_PRECONDITION ? missing(status, trailers) : List.of();
    Kind kind = missing.isEmpty() ? kind(status.getCode()) : Kind.MISSING_BLOBS;
    String message =
        status.getCode() == Status.Code.UNAVAILABLE
            ? "cannot reach the cache at %s (%s): %s"
                .formatted(address, what, status.getCode() + ": " + reason(status))
            : "%s (%s from %s, %s)".formatted(reason(status), status.getCode(), address, what);
    return new LayercacheException(kind, message, cause, missing);
  }

  /** One blob of a batch that failed, by its code in {@code google.rpc.Code}. */
  LayercacheException ofBlob(String what, com.google.rpc.Status status) {
    return of(
        what, Status.fromCodeValue(status.getCode()).withDescription(status.getMessage()), null);
  }

  LayercacheException closed(@Nullable Throwable cause) {
    return new LayercacheException(
        Kind.CANCELLED,
        "the client of the cache at %s was closed".formatted(address),
        cause(cause));
  }

  /** Sets the thread's interrupt flag again. */
  LayercacheException interrupted(InterruptedException cause) {
    Thread.currentThread().interrupt();
    return new LayercacheException(
        Kind.CANCELLED, "interrupted while waiting for the cache at " + address, cause);
  }

  LayercacheException idle(String what, long position, long size, long idleMillis) {
    return new LayercacheException(
        Kind.TIMEOUT,
        "%s at %s: nothing moved for %d ms, at byte %d of %d"
            .formatted(what, address, idleMillis, position, size));
  }

  private static Throwable cause(@Nullable Throwable cause) {
    return cause == null ? new IllegalStateException("closed") : cause;
  }

  private static Kind kind(Status.Code code) {
    return switch (code) {
      case NOT_FOUND -> Kind.NOT_FOUND;
      case INVALID_ARGUMENT, OUT_OF_RANGE, FAILED_PRECONDITION, ALREADY_EXISTS -> Kind.INVALID;
      // ABORTED: another stream of the same upload is in the way, for a moment.
      case UNAVAILABLE, ABORTED -> Kind.UNAVAILABLE;
      case DEADLINE_EXCEEDED -> Kind.TIMEOUT;
      case RESOURCE_EXHAUSTED -> Kind.OUT_OF_SPACE;
      case PERMISSION_DENIED, UNAUTHENTICATED -> Kind.DENIED;
      case DATA_LOSS -> Kind.CORRUPT;
      // Not by this client, or its thread would be interrupted: a server that stops resets streams.
      case CANCELLED -> Thread.currentThread().isInterrupted() ? Kind.CANCELLED : Kind.UNAVAILABLE;
      case OK, UNKNOWN, UNIMPLEMENTED, INTERNAL -> Kind.FAILED;
    };
  }

  private static String reason(Status status) {
    return Stream.of(
            Optional.ofNullable(status.getDescription()),
            Optional.ofNullable(status.getCause()).map(Throwable::getMessage))
        .flatMap(Optional::stream)
        .reduce((description, cause) -> description + ": " + cause)
        .orElse("the call failed");
  }

  private static List<Descriptor> missing(Status status, @Nullable Metadata trailers) {
    var details = StatusProto.fromStatusAndTrailers(status, trailers);
    var missing = new ArrayList<Descriptor>();
    for (var detail : details.getDetailsList()) {
      if (detail.is(MissingBlobs.class)) {
        try {
          for (var blob : detail.unpack(MissingBlobs.class).getBlobsList()) {
            missing.add(WireNames.descriptor(blob));
          }
        } catch (InvalidProtocolBufferException | LayercacheException e) {
          // The refusal itself still stands; only what is missing is not known.
          return List.of();
        }
      }
    }
    return missing;
  }
}
