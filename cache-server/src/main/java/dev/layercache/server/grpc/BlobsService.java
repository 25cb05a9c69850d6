package dev.layercache.server.grpc;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.BlobInfo;
import dev.layercache.server.blob.BlobSource;
import dev.layercache.v1.BlobDescriptor;
import dev.layercache.v1.BlobsGrpc;
import dev.layercache.v1.FindBlobsRequest;
import dev.layercache.v1.FindBlobsResponse;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.Optional;

/**
 * {@code layercache.v1.Blobs}: blobs by digest alone. Its methods block, so calls must come on
 * virtual threads.
 */
public final class BlobsService extends BlobsGrpc.BlobsImplBase {
  private static final int MAX_DIGESTS = 5_000;

  /** Each may cost a question elsewhere. */
  private static final int MAX_READABLE = 100;

  private final BlobSource stored;
  private final Readable readable;

  /** Tells the sizes of blobs that can be read. */
  @FunctionalInterface
  public interface Readable {
    /** What is known of a blob that is here, or is fetched from elsewhere when it is read. */
    Optional<BlobInfo> stat(Digest digest) throws IOException;
  }

  /**
   * @param stored what is here
   * @param readable that, and what can be had from elsewhere
   */
  public BlobsService(BlobSource stored, Readable readable) {
    this.stored = stored;
    this.readable = readable;
  }

  @Override
  public void findBlobs(FindBlobsRequest request, StreamObserver<FindBlobsResponse> observer) {
    FindBlobsResponse response;
    try {
      response = find(request);
    } catch (IOException | RuntimeException e) {
      observer.onError(ImageErrors.of(e));
      return;
    }
    observer.onNext(response);
    observer.onCompleted();
  }

  private FindBlobsResponse find(FindBlobsRequest request) throws IOException {
    int most = request.getStoredOnly() ? MAX_DIGESTS : MAX_READABLE;
    if (request.getDigestsCount() > most) {
      throw new IllegalArgumentException(
          "%d digests (expected: at most %d)".formatted(request.getDigestsCount(), most));
    }
    var asked = new LinkedHashSet<Digest>();
    for (String digest : request.getDigestsList()) {
      asked.add(Digest.parse(digest));
    }
    var missing = stored.findMissing(asked);
    var response = FindBlobsResponse.newBuilder();
    for (var digest : asked) {
      Optional<BlobInfo> found = Optional.empty();
      if (!missing.contains(digest)) {
        found = stored.stat(digest);
      } else if (!request.getStoredOnly()) {
        found = readable.stat(digest);
      }
      found.ifPresent(info -> response.addBlobs(descriptor(info)));
    }
    return response.build();
  }

  private static BlobDescriptor descriptor(BlobInfo info) {
    return BlobDescriptor.newBuilder()
        .setDigest(info.digest().toString())
        .setSize(info.size())
        .build();
  }
}
