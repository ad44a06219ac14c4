package dev.turnstile.stock;

/** A later holder has been at the stock: the right of this one has ended, and nothing of its run was written. */
public final class StaleFenceException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final long productId;
    private final long last;

    StaleFenceException(long productId, long fence, long last) {
        super("fence " + fence + " came too late for product " + productId + ", where " + last + " has been");
        this.productId = productId;
        this.last = last;
    }

    /** The product that has a later holder. */
    public long productId() {
        return productId;
    }

    /** The fence that has been there. */
    public long last() {
        return last;
    }
}
