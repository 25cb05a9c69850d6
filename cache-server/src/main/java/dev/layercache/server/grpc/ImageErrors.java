package dev.layercache.server.grpc;

import com.google.protobuf.Any;
import dev.layercache.oci.Descriptor;
import dev.layercache.oci.InvalidManifestException;
import dev.layercache.server.image.ImmutableTagException;
import dev.layercache.server.image.MissingBlobsException;
import dev.layercache.server.mirror.OriginDeniedException;
import dev.layercache.v1.MissingBlobs;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.protobuf.StatusProto;

/** What {@link ImagesService} answers to the failures that only images have. */
final class ImageErrors {
  /**
   * Most bytes of details. They travel in a header, a third larger there, and clients take 8 KiB of
   * headers unless they are told otherwise.
   */
  private static final int MAX_DETAILS = 4_096;

  private ImageErrors() {}

  static StatusException of(Exception failure) {
    return switch (failure) {
      case MissingBlobsException e -> missing(e);
      case InvalidManifestException e -> invalid(e);
      case ImmutableTagException e ->
          Status.FAILED_PRECONDITION.withDescription(e.getMessage()).asException();
      case IllegalArgumentException e -> invalid(e);
      case OriginDeniedException e ->
          Status.NOT_FOUND.withDescription(e.getMessage()).asException();
      default -> GrpcErrors.status(failure).asException();
    };
  }

  private static StatusException invalid(Exception failure) {
    return Status.INVALID_ARGUMENT.withDescription(failure.getMessage()).asException();
  }

  private static StatusException missing(MissingBlobsException failure) {
    var details = MissingBlobs.newBuilder().setTotal(failure.total());
    int bytes = 0;
    for (Descriptor blob : failure.missing()) {
      var message = ImageMessages.descriptor(blob);
      bytes += message.getSerializedSize() + 4;
      if (bytes > MAX_DETAILS) {
        break;
      }
      details.addBlobs(message);
    }
    return StatusProto.toStatusException(
        com.google.rpc.Status.newBuilder()
            .setCode(Status.Code.FAILED_PRECONDITION.value())
            .setMessage(failure.getMessage())
            .addDetails(Any.pack(details.build()))
            .build());
  }
}
